import type { Provider } from '@nestjs/common';
import { OwnLogWatch } from '../link/own-log-watch.js';
import { AskOwnHead } from './ask-own-head.js';
import { CatchUp } from './catch-up.js';
import { ConfirmOwnLog } from './confirm-own-log.js';
import { ConfrontPeer } from './confront-peer.js';
import { JudgeHeldLog } from './judge-held-log.js';
import { KnownDrafts } from './known-drafts.js';
import { OwnLogConfirmation } from './own-log-confirmation.js';
import { OwnLogSuspicions } from './own-log-suspicions.js';
import { OwnLogRepository } from './own-log.repository.js';
import { ReachPeer } from './reach-peer.js';
import { RecoverOwnLog } from './recover-own-log.js';
import { SalvageStream } from './salvage-stream.js';

/** What keeps this node from signing on a log that has lost entries. */
export const recoveryProviders: readonly Provider[] = [
  OwnLogRepository, KnownDrafts, ReachPeer, AskOwnHead, JudgeHeldLog, CatchUp, ConfrontPeer, RecoverOwnLog, OwnLogConfirmation, OwnLogSuspicions,
  { provide: OwnLogWatch, useExisting: OwnLogSuspicions }, SalvageStream, ConfirmOwnLog,
];
