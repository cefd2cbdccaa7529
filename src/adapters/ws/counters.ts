/** What went through a gateway. At every moment `sent = delivered + dropped + queued`; once closed, `queued` is 0. */
export interface GatewayCounters {
  /** Clients connected now. */
  readonly clients: number;
  /** Samples producers have sent in. */
  readonly received: number;
  /** Messages of theirs that were refused. */
  readonly invalid: number;
  /** Messages broadcast, counted once for each client. */
  readonly sent: number;
  /** Of these, written out to the network. */
  readonly delivered: number;
  /** Of these, given up: the queue was full, or the client is gone. */
  readonly dropped: number;
  /** Of these, waiting or being written. */
  readonly queued: number;
}

export class Counters implements GatewayCounters {
  clients = 0;
  received = 0;
  invalid = 0;
  sent = 0;
  delivered = 0;
  dropped = 0;
  queued = 0;
}
