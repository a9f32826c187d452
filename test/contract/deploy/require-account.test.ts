import { describe, expect, it } from 'vitest'
import type { AccountCheck } from '../../../engines/contract/watch.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { requireAccount } from './require-account.ts'

const TRUE: AccountCheck = { id: 'team-1', plan: 'free-parts', findings: [] }

async function required(found: AccountCheck | undefined, unconfirmed = false): Promise<unknown> {
  const engine = await loadEngine('dgo')
  const { check: _, ...watch } = engine.watch
  const options = {
    engine: { ...engine, watch: found === undefined ? watch : { ...watch, check: async () => found } },
    ...{ credentials: { token: 'x' }, platformApi: undefined, base: undefined, pulumi: '', withinMs: 1 },
    ...{ upstreams: { digitalocean: '127.0.0.1:9' }, account: { id: 'team-1', plan: 'free-parts' } },
  }
  return requireAccount(options, { unconfirmed }).then(
    () => 'deploys',
    ({ code, message }) => `${code}: ${message}`,
  )
}

describe('a real account is deployed to', () => {
  it('where the platform says that it is the one and on the plan that was stated', async () => {
    expect(await required(TRUE)).toBe('deploys')
    const wall = { what: 'budget', ok: false, why: 'there is none', guard: true }
    expect(await required({ id: 'team-1', findings: [wall] })).toBe('deploys')
  })

  it.each([
    [
      'it is another account',
      { ...TRUE, id: 'team-2' },
      'account: stated is "team-1", and the credentials are of "team-2"',
    ],
    ['it is on another plan', { ...TRUE, plan: 'paid' }, 'plan: stated is "free-parts", and the platform says "paid"'],
    ['it is not in order', { ...TRUE, findings: [{ what: 'state', ok: false, why: 'locked' }] }, 'state: locked'],
  ])('and not where %s, whatever the command line says', async (_, found, why) => {
    for (const unconfirmed of [false, true]) expect(await required(found, unconfirmed)).toBe(`account.mismatch: ${why}`)
  })

  it('only when that is said where the platform does not tell whose the credentials are', async () => {
    for (const found of [{ findings: [] }, undefined]) {
      expect(await required(found)).toMatch(/^account.mismatch: .*does not say whose/)
      expect(await required(found, true)).toBe('deploys')
    }
  })
})
