import { hkdfSync } from 'node:crypto'

/** An engine's own key, from the platform's master key: it opens the stacks of this engine and no other's. */
export function engineKey(master: Uint8Array, code: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `pipi engine ${code}`, 32))
}

/** The passphrase of one workspace's stack, from its engine's key. Never stored. */
export function stackSecret(key: Uint8Array, workspace: string): string {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `pipi stack ${workspace}`, 32)).toString('base64url')
}
