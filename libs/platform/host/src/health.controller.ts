import { Controller, Get, HttpCode, HttpException, HttpStatus } from '@nestjs/common';
import { HealthRegistry } from '@kula/platform-runtime';

/** Probes for an operator or an orchestrator. */
@Controller()
export class HealthController {
  constructor(private readonly health: HealthRegistry) {}

  /** The process runs. */
  @Get('livez')
  @HttpCode(200)
  live(): { readonly status: 'alive' } {
    return { status: 'alive' };
  }

  /** What the service needs is there; 503 with the reasons otherwise. */
  @Get('readyz')
  async ready(): Promise<object> {
    const checks = await this.health.report();
    if (checks.every((check) => check.isReady)) return { status: 'ready', checks };
    throw new HttpException({ status: 'unready', checks }, HttpStatus.SERVICE_UNAVAILABLE);
  }
}
