/** Signs an operator in. */
import { readFileSync } from 'node:fs';
import { SetupError } from '../../bootstrap/progress.mjs';
import { prepareLibraries } from '../libraries.mjs';

function walletIn(file) {
  if (file === undefined) throw new SetupError('Nobody is signed in: name the key file of the operator with --key, or a session token with --token.');
  let wallet;
  try {
    wallet = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SetupError(`${file} cannot be read as the key file of an operator: ${error instanceof SyntaxError ? 'it is not JSON' : error.message}`);
  }
  if (typeof wallet?.did !== 'string' || typeof wallet?.privateKey !== 'string') throw new SetupError(`${file} is no key file of an operator: it must hold did and privateKey.`);
  return wallet;
}

async function answered(gateway, path, body) {
  const { status, answer } = body === undefined ? await gateway.send('GET', path) : await gateway.send('POST', path, body);
  if (status >= 400 || answer === undefined) throw new SetupError(`The node does not let the operator sign in: ${answer?.detail ?? `status ${status}`}`);
  return answer;
}

/** A session token: the given one, or a new one for the key in the file. The key never leaves this process. */
export async function operatorToken(gateway) {
  const { token, keyFile } = gateway.signIn;
  if (token !== undefined) return token;
  const { did, privateKey } = walletIn(keyFile);
  await prepareLibraries();
  const { fromBase64url, portableEd25519, signDocument } = await import('@kula/kernel-crypto');
  const { nodeId } = await answered(gateway, '/v1/node');
  const { challenge } = await answered(gateway, '/v1/challenges', { did });
  const signature = signDocument(portableEd25519, fromBase64url(privateKey), 'sep/login/v1', { challenge, did, node_id: nodeId });
  return (await answered(gateway, '/v1/sessions', { did, challenge, signature })).token;
}
