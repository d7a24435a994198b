import type { Provider } from '@nestjs/common';
import { AskHeads } from './ask-heads.js';
import { FindFork } from './find-fork.js';
import { HeadExchange } from './head-exchange.js';
import { HeadVectorRepository } from './head-vector.repository.js';
import { SettleDifferences } from './settle-differences.js';
import { TakeHeads } from './take-heads.js';

/** What compares the logs held here with those of peers. */
export const headProviders: readonly Provider[] = [HeadVectorRepository, AskHeads, FindFork, SettleDifferences, TakeHeads, HeadExchange];
