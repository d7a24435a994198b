/** Refuses a Node too old to run the project, and says when one is past its end of life. */
import { SetupError, warn } from '../progress.mjs';

export function checkNodeVersion(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const isEnough = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  if (!isEnough) throw new SetupError(`Node ${version} is too old: 20.19 or later is needed (22.12 or later of 22), 24 is recommended.\nInstall one from your distribution or from the Node project, then run the same command again.`);
  if (major === 20) warn('node', `Node ${version} runs this, but is past its end of life; use Node 24`);
}
