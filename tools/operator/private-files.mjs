/** Files that only their owner reads. */
import { chownSync, existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { SetupError } from '../bootstrap/progress.mjs';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Makes a folder that must not be there yet. */
export const newFolder = (folder) => { mkdirSync(folder, { mode: FOLDER_MODE }); };

/** Writes a file that must not be there yet. */
export const newFile = (file, text) => { writeFileSync(file, text, { mode: FILE_MODE, flag: 'wx' }); };

/** Puts a new text in the place of a file, whole or not at all, for the same owner; where there is none, for the owner of the folder. */
export function replaceFile(file, text) {
  const part = `${file}.part`;
  try {
    const { uid, gid } = statSync(existsSync(file) ? file : dirname(file));
    rmSync(part, { force: true });
    newFile(part, text);
    if (process.getuid?.() === 0) chownSync(part, uid, gid);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw explained(error, file);
  }
}

/** The text of a file. @throws SetupError that says why it cannot be had. */
export function textOf(file) {
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (error) {
    throw explained(error, file);
  }
}

/** Gives a folder and everything in it to another user; only root may. */
export function giveTo({ uid, gid }, folder) {
  lchownSync(folder, uid, gid);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) lchownSync(join(entry.parentPath, entry.name), uid, gid);
}

/** A folder as a person would write it: relative where it lies below the place they stand at. */
export function shortPath(folder, from = process.cwd()) {
  const path = relative(from, folder);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? folder : path;
}

/** What a refusal of the file system means to the person at the keyboard. */
export function explained(error, file) {
  if (error.code === 'EACCES' || error.code === 'EPERM') return new SetupError(`${file} is not for this user to read or write; run the command as its owner, or with sudo.`);
  if (error.code === 'ENOENT') return new SetupError(`${file} is missing.`);
  if (error.code === 'ENOSPC') return new SetupError(`${file} cannot be written: the disk is full.`);
  return error;
}
