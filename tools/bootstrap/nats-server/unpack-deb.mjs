/** Takes one file out of a Debian package: by dpkg-deb where present, else by reading the ar and tar formats here. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const CONTENT_BYTES_MAX = 512 * 1024 * 1024;

function output(command, args, input) {
  const { stdout, status } = spawnSync(command, args, { input, maxBuffer: CONTENT_BYTES_MAX, stdio: ['pipe', 'pipe', 'ignore'] });
  return status === 0 ? stdout : undefined;
}

/** Members of an ar archive in order, as [name, content]. */
function arMembers(bytes) {
  const members = [];
  if (bytes.toString('latin1', 0, 8) !== '!<arch>\n') return members;
  for (let at = 8; at + 60 <= bytes.length;) {
    const header = bytes.toString('latin1', at, at + 60);
    const size = Number.parseInt(header.slice(48, 58), 10);
    members.push([header.slice(0, 16).trim().replace(/\/$/, ''), bytes.subarray(at + 60, at + 60 + size)]);
    at += 60 + size + (size % 2);
  }
  return members;
}

function decompressed(name, content) {
  if (name.endsWith('.gz')) return gunzipSync(content);
  if (name.endsWith('.xz')) return output('xz', ['-dc'], content);
  if (name.endsWith('.zst')) return output('zstd', ['-dcq'], content);
  return content;
}

/** The tar inside a package that holds its files, or undefined when no tool here can unpack it. */
function dataTar(file) {
  const whole = output('dpkg-deb', ['--fsys-tarfile', file]);
  if (whole) return whole;
  const member = arMembers(readFileSync(file)).find(([name]) => name.startsWith('data.tar'));
  return member && decompressed(...member);
}

/** Content of the first regular file of a tar whose path ends as asked; undefined when there is none. */
function tarFile(tar, pathEnd) {
  for (let at = 0; at + 512 <= tar.length;) {
    const text = (from, to) => tar.toString('latin1', at + from, at + to).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 136).trim() || '0', 8);
    const isFile = ['0', ''].includes(text(156, 157));
    if (isFile && text(0, 100).endsWith(pathEnd)) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return undefined;
}

/** Bytes of the file in a package whose path ends with `pathEnd`, or undefined. Whole package in memory. */
export function fileInDeb(file, pathEnd) {
  const tar = dataTar(file);
  return tar && tarFile(tar, pathEnd);
}
