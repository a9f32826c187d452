import { expect, it } from 'vitest'
import { engineKey, stackSecret } from '../../../platform/store/engine-key.ts'
import { newId } from '../../../platform/store/id.ts'

it('gives every engine and every workspace a passphrase of its own, always the same', () => {
  const master = Buffer.alloc(32, 7)
  const secret = stackSecret(engineKey(master, 'aaa'), 'w1')
  expect(stackSecret(engineKey(master, 'aaa'), 'w1')).toBe(secret)
  expect(
    new Set([secret, stackSecret(engineKey(master, 'aaa'), 'w2'), stackSecret(engineKey(master, 'bbb'), 'w1')]).size,
  ).toBe(3)
  expect(secret).toMatch(/^[\w-]{43}$/)
})

it('makes ids that are legal stack names, sort by time and do not meet', () => {
  const ids = Array.from({ length: 1000 }, (_, n) => newId('w', 1_700_000_000_000 + n))
  expect(ids.every((id) => /^w[0-9a-z]{20}$/.test(id))).toBe(true)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(Array.from({ length: 1000 }, () => newId('d', 0))).size).toBe(1000)
})
