/**
 * The init job of a deployment: gives each service its login and its schema in the node's database. May be run again.
 *
 * POSTGRES_URL is the superuser's address without a password, POSTGRES_PASSWORD the password; KULA_DATABASE_URL_<SERVICE> is the
 * address a service will use, and says the password its login gets. Each may be a file: POSTGRES_PASSWORD_FILE.
 * Exit 0: done. Exit 1: nothing was changed, the reason is on standard error.
 */
import { provisionDatabase } from '@kula/platform-persistence';
import { readSettings, serviceSettings, SettingsError } from '@kula/platform-runtime';
import { z } from 'zod';
import { loginOf, SERVICE_NAMES } from './services.mjs';

const superuser = z.object({
  POSTGRES_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'the address of the superuser, such as postgres://postgres@postgres:5432/kula' }),
  POSTGRES_PASSWORD: z.string('the password of the superuser').min(1),
});
const address = serviceSettings.pick({ KULA_DATABASE_URL: true });

function superuserUrl() {
  const { POSTGRES_URL, POSTGRES_PASSWORD } = readSettings(superuser, 'init', process.env);
  const url = new URL(POSTGRES_URL);
  url.password = encodeURIComponent(POSTGRES_PASSWORD);
  return url.href;
}

/** The password in the address of a service, whose login must be the service's own. */
function passwordOf(service) {
  const { username, password } = new URL(readSettings(address, service, process.env).KULA_DATABASE_URL);
  if (username !== loginOf(service) || password === '') {
    throw new SettingsError(`the address of the ${service} database must name the login ${loginOf(service)} and a password`);
  }
  return decodeURIComponent(password);
}

try {
  await provisionDatabase(superuserUrl(), Object.fromEntries(SERVICE_NAMES.map((service) => [service, passwordOf(service)])));
  console.log(`provisioned: ${SERVICE_NAMES.length} logins, each with a schema of its own`);
} catch (error) {
  console.error(`the database was not provisioned: ${error.message || error.code}`);
  process.exitCode = 1;
}
