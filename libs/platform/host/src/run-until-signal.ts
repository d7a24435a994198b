import { MetricsRegistry, metricsSettings, readSettings, type Environment } from '@kula/platform-runtime';
import { startProcessDoor } from './process-door.js';
import type { RunningService, ServiceDefinition } from './service-definition.js';
import { startService } from './start-service.js';

/**
 * Runs services in this process until it is asked to stop; the exit code says how it went.
 *
 * With KULA_EXIT_WITH_PARENT=1 it also stops when its standard input closes, so that nothing outlives a supervisor that was killed.
 */
export async function runUntilSignal(definitions: readonly ServiceDefinition[], env: Environment): Promise<void> {
  try {
    // One after the other: eight services that start at once starve each other, and a server gives up on their handshakes.
    const running: RunningService[] = [];
    const registry = new MetricsRegistry();
    registry.watchProcess();
    const door = await startProcessDoor(readSettings(metricsSettings, 'process', env), { registry, running, total: definitions.length });
    for (const definition of definitions) running.push(await startService(definition, env, registry));
    const stop = async () => {
      await door?.stop();
      await Promise.allSettled(running.map((service) => service.stop()));
      process.exit(0);
    };
    process.once('SIGTERM', () => void stop());
    process.once('SIGINT', () => void stop());
    if (env['KULA_EXIT_WITH_PARENT'] === '1') process.stdin.once('close', () => void stop()).resume();
    for (const { name, httpUrl } of running) if (httpUrl !== null) process.stdout.write(`${JSON.stringify({ ready: name, url: httpUrl })}\n`);
    process.stdout.write(`${JSON.stringify({ ready: 'all', services: running.length })}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
