import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Engine } from '../../../engines/contract/engine.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { openAccountAt } from '../../../platform/start/cloud-accounts.ts'
import type { ConfirmedTerms } from '../../../platform/store/confirmed-terms.ts'

let engine: Engine
beforeAll(async () => {
  engine = await loadEngine('aws')
})
beforeEach(() => {
  for (const { env } of engine.dna.credentials) vi.stubEnv(env, 'x')
  for (const name of ['ACCOUNT', 'PLAN', 'CONSENT_WATCHED']) vi.stubEnv(`PIPI_AWS_${name}`, '')
  return () => vi.unstubAllEnvs()
})

/** The terms of a real account, with this environment and these words of its owner. */
async function termsOf(environment: Record<string, string>, said: ConfirmedTerms = {}) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(`PIPI_AWS_${name}`, value)
  const opened = await openAccountAt(engine, false, async (id) => (id === '42' ? said : {}))
  return opened.ok ? { ...opened.account, planSetBy: opened.planSetBy } : opened
}

describe('the terms of a cloud account', () => {
  it('are closed as long as nobody has said which account, or on which plan', async () => {
    expect(await termsOf({})).toMatchObject({ ok: false, reason: 'not set: PIPI_AWS_ACCOUNT, PIPI_AWS_PLAN' })
    expect(await termsOf({ ACCOUNT: '42' })).toMatchObject({ ok: false, reason: 'not set: PIPI_AWS_PLAN' })
  })

  it('are the plan of the environment, else the one that the owner has confirmed', async () => {
    const said = { plan: 'free-plan' }
    expect(await termsOf({ ACCOUNT: '42' }, said)).toMatchObject({ id: '42', plan: 'free-plan', planSetBy: undefined })
    expect(await termsOf({ ACCOUNT: '42', PLAN: 'paid-plan' }, said)).toMatchObject({
      plan: 'paid-plan',
      planSetBy: 'PIPI_AWS_PLAN',
    })
  })

  it('let watched meters through where the plan stops by itself or somebody agreed, unless the owner said no', async () => {
    const consent = async (environment: Record<string, string>, said?: ConfirmedTerms) =>
      (await termsOf({ ACCOUNT: '42', CONSENT_WATCHED: '', ...environment }, said)) as { consentWatched: boolean }
    expect(await consent({ PLAN: 'free-plan' })).toMatchObject({ consentWatched: true })
    expect(await consent({ PLAN: 'free-plan' }, { watched: false })).toMatchObject({ consentWatched: false })
    expect(await consent({ PLAN: 'paid-plan' })).toMatchObject({ consentWatched: false })
    expect(await consent({ PLAN: 'paid-plan' }, { watched: true })).toMatchObject({ consentWatched: true })
    expect(await consent({ PLAN: 'paid-plan', CONSENT_WATCHED: 'yes' })).toMatchObject({ consentWatched: true })
    expect(await consent({ PLAN: 'paid-plan', CONSENT_WATCHED: 'yes' }, { watched: false })).toMatchObject({
      consentWatched: false,
    })
  })
})

describe('the terms of a simulated account', () => {
  it('are what its engine states, until its owner has confirmed others', async () => {
    const of = async (said: ConfirmedTerms) => {
      const opened = await openAccountAt(engine, true, async () => said)
      return opened.ok ? opened.account : opened
    }
    expect(await of({})).toMatchObject({ plan: 'free-plan', consentWatched: true })
    expect(await of({ plan: 'paid-plan' })).toMatchObject({ plan: 'paid-plan', consentWatched: false })
    expect(await of({ plan: 'paid-plan', watched: true })).toMatchObject({ consentWatched: true })
  })
})
