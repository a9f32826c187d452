import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals one secret of a workspace with a key that only the platform has. What is sealed opens under its own name only. */
export function sealSecret(master: Uint8Array, workspace: string, name: string, value: string): Buffer {
  return seal(workspaceKey(master, workspace), value, `${workspace} ${name}`)
}

/** The way back. Throws `conflict.state` for what was sealed with another key, or for another name. */
export function openSecret(master: Uint8Array, workspace: string, name: string, sealed: Uint8Array): string {
  return open(workspaceKey(master, workspace), sealed, `${workspace} ${name}`, `the secret ${name}`)
}

/** One credential of an account at an engine, as a secret of a workspace is. */
export function sealCredential(master: Uint8Array, place: string, name: string, value: string): Buffer {
  return seal(accountKey(master, place), value, `${place} ${name}`)
}

export function openCredential(master: Uint8Array, place: string, name: string, sealed: Uint8Array): string {
  return open(accountKey(master, place), sealed, `${place} ${name}`, `the credential ${name}`)
}

/**
 * Named values for an engine, with a key that the engine can make and no other one can. What is sealed opens for the same
 * purpose only: a deployment's secrets, its credentials, those of a watch.
 */
export function sealForEngine(engineKey: Uint8Array, purpose: string, secrets: Record<string, string>): Buffer {
  return seal(purposeKey(engineKey, purpose), JSON.stringify(secrets), purpose)
}

export function openForEngine(engineKey: Uint8Array, purpose: string, sealed: Uint8Array): Record<string, string> {
  const text = open(purposeKey(engineKey, purpose), sealed, purpose, `what is sealed for ${purpose}`)
  return z.record(z.string(), z.string()).parse(JSON.parse(text))
}

/** What the credentials of a deployment are sealed for. */
export function credentialsOf(deployment: string): string {
  return `credentials of ${deployment}`
}

function accountKey(master: Uint8Array, place: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `pipi credentials of ${place}`, 32))
}

function workspaceKey(master: Uint8Array, workspace: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `pipi secrets of ${workspace}`, 32))
}

function purposeKey(engineKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', engineKey, Buffer.alloc(0), `pipi secrets for ${purpose}`, 32))
}

function seal(key: Uint8Array, text: string, bound: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound))
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

function open(key: Uint8Array, sealed: Uint8Array, bound: string, what: string): string {
  try {
    const bytes = Buffer.from(sealed)
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(bound))
      .setAuthTag(bytes.subarray(-TAG_BYTES))
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    // What the cipher says repeats nothing of use, and might repeat something of the value.
    throw new PipiError(
      'conflict.state',
      `${what} cannot be opened: it was sealed with another key, or changed since`,
      {
        hint: 'put back the master key it was made with, or set it again',
      },
    )
  }
}
