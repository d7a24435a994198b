import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** Where a service gets the time. Tests bind a fixed one. */
export abstract class Clock {
  abstract now(): Date;
}

/** Where a service gets ids and nonces that nobody can guess. */
export abstract class Chance {
  /** A random UUID. */
  abstract uuid(): string;
  /** 32 random bytes, base64url. */
  abstract nonce(): string;
}

@Injectable()
export class SystemClock extends Clock {
  override now(): Date { return new Date(); }
}

@Injectable()
export class SystemChance extends Chance {
  override uuid(): string { return randomUUID(); }
  override nonce(): string { return randomBytes(32).toString('base64url'); }
}
