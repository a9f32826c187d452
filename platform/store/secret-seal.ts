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

/** All of a deployment's secrets for its engine, with a key that the engine can make and no other one can. */
export function sealForEngine(engineKey: Uint8Array, deployment: string, secrets: Record<string, string>): Buffer {
  return seal(deploymentKey(engineKey, deployment), JSON.stringify(secrets), deployment)
}

export function openForEngine(engineKey: Uint8Array, deployment: string, sealed: Uint8Array): Record<string, string> {
  const text = open(deploymentKey(engineKey, deployment), sealed, deployment, `what is sealed for ${deployment}`)
  return z.record(z.string(), z.string()).parse(JSON.parse(text))
}

function workspaceKey(master: Uint8Array, workspace: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `pipi secrets of ${workspace}`, 32))
}

function deploymentKey(engineKey: Uint8Array, deployment: string): Buffer {
  return Buffer.from(hkdfSync('sha256', engineKey, Buffer.alloc(0), `pipi secrets for ${deployment}`, 32))
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
