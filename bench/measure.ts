/** One subject, in this process: its name and the effort come with the start, its lines leave as a message. */
import { sink } from './contender.js';
import type { Effort } from './side-by-side.js';
import { subjects } from './subjects.js';

const [name, effort] = process.argv.slice(2);
const lines = await subjects.find((subject) => subject.name === name)!.measure(JSON.parse(effort!) as Effort);
process.send!({ lines, sink: sink.value });
process.disconnect();
