import type { Provider } from '@nestjs/common';
import { FederationCollector } from './federation-collector.js';
import { StreamCollector } from './stream-collector.js';

/** What measures how the federation does. */
export const metricsProviders: readonly Provider[] = [FederationCollector, StreamCollector];
