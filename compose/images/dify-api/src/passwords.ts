import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);
/** As in Dify's libs/password.py. */
const iterations = 10_000;
const keyBytes = 32;

export interface HashedPassword {
  password: string;
  passwordSalt: string;
}

/** Whether a password has a letter, a digit and at least eight characters, as Dify asks. */
export function isAcceptable(password: string): boolean {
  return /^(?=.*[a-zA-Z])(?=.*\d).{8,}$/.test(password);
}

/** Hashes a password in the form that Dify keeps: base64 of the hex PBKDF2-SHA256 digest, base64 of the salt. */
export async function hashPassword(password: string, salt: Buffer = randomBytes(16)): Promise<HashedPassword> {
  const digest = await derive(password, salt, iterations, keyBytes, 'sha256');
  return {
    password: Buffer.from(digest.toString('hex')).toString('base64'),
    passwordSalt: salt.toString('base64'),
  };
}

/** Whether a password is the one that was hashed. */
export async function passwordMatches(password: string, kept: HashedPassword): Promise<boolean> {
  const again = Buffer.from((await hashPassword(password, Buffer.from(kept.passwordSalt, 'base64'))).password);
  const before = Buffer.from(kept.password);
  return again.length === before.length && timingSafeEqual(again, before);
}
