import { describe, expect, it } from 'vitest'
import {
  childEnvironment,
  readAccountSettings,
  readClientSettings,
  readSettings,
  readVariables,
} from '../../platform/config.ts'

/** Variables that are there. */
const of = (given: NodeJS.ProcessEnv) => (names: readonly string[]) => readVariables(names, given)

describe('the settings', () => {
  it('have a default for everything', () => {
    expect(readSettings({}, {})).toMatchObject({
      host: '127.0.0.1',
      port: 7474,
      sandbox: false,
      databaseUrl: undefined,
      capacity: 1,
      scaling: { min: 1, max: 2 },
    })
  })

  it('come from the flags first, then from the environment', () => {
    const environment = { PIPI_PORT: '1234', PIPI_DATA: '/from/environment', PIPI_SANDBOX: 'yes' }
    expect(readSettings({}, environment)).toMatchObject({ port: 1234, data: '/from/environment', sandbox: true })
    expect(readSettings({ port: 0, data: '/from/flag', sandbox: false }, environment)).toMatchObject({
      port: 0,
      data: '/from/flag',
      sandbox: false,
    })
  })

  it('take an empty variable for one that is not set', () => {
    expect(readSettings({}, { DATABASE_URL: '', PIPI_PORT: '' })).toMatchObject({ databaseUrl: undefined, port: 7474 })
  })

  it('name every wrong one at once', () => {
    expect(() => readSettings({}, { PIPI_PORT: '99999', DATABASE_URL: 'mysql://x', PIPI_MASTER_KEY: 'short' })).toThrow(
      expect.objectContaining({
        code: 'input.invalid',
        problems: expect.arrayContaining([
          expect.objectContaining({ path: 'PIPI_PORT' }),
          expect.objectContaining({ path: 'DATABASE_URL' }),
          expect.objectContaining({ path: 'PIPI_MASTER_KEY' }),
        ]),
      }),
    )
  })

  it('never repeat what a wrong variable holds: it may be a secret', () => {
    const wrong = () => readSettings({}, { PIPI_MASTER_KEY: 'hunter2', DATABASE_URL: 'hunter2' })
    expect(wrong).toThrow()
    try {
      wrong()
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain('hunter2')
    }
  })

  it('give children what they need to run, and no secret', () => {
    const environment = {
      PATH: '/bin',
      LANG: 'C',
      CLOUD_SECRET: 'x',
      DATABASE_URL: 'postgres://x',
      PIPI_TOKEN: 'x',
      HOME: '/root',
    }
    expect(Object.keys(childEnvironment(environment)).sort()).toEqual(['LANG', 'PATH', 'UV_THREADPOOL_SIZE'])
  })

  it('hand out only the variables that are asked for', () => {
    expect(readVariables(['A', 'B'], { A: '1', B: '', C: '3' })).toEqual({ A: '1' })
    expect(
      readAccountSettings('abc', of({ PIPI_ABC_ACCOUNT: '42', PIPI_ABC_PLAN: 'free', PIPI_XYZ_ACCOUNT: '7' })),
    ).toMatchObject({ account: '42', plan: 'free', consentWatched: undefined })
    expect(readAccountSettings('abc', of({ PIPI_ABC_CONSENT_WATCHED: 'no' }))).toMatchObject({ consentWatched: false })
  })

  it('tell a client where its platform is', () => {
    expect(readClientSettings({ PIPI_URL: 'http://x', PIPI_TOKEN: 't', PIPI_DATA: '/d' })).toEqual({
      url: 'http://x',
      token: 't',
      data: '/d',
    })
    expect(readClientSettings({}).data).toMatch(/\/\.pipi$/)
  })
})
