/** One subject, in this process: its name and the effort come with the start, its lines leave as a message. */
import { sink } from './contender.js';
import { subjects } from './subjects.js';

const [name, effort] = process.argv.slice(2);
const subject = subjects.find((subject) => subject.name === name)!;
try {
  const lines = await subject.measure(JSON.parse(effort!));
  process.send!({ lines, sink: sink.value });
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
process.disconnect();
