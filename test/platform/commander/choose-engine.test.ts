import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../../engines/contract/manifest.ts'
import { refuseUncarried } from '../../../platform/commander/carriers.ts'
import { chooseEngine } from '../../../platform/commander/choose-engine.ts'
import type { EngineFacts } from '../../../platform/commander/engine-facts.ts'
import { readManifest } from '../../../platform/commander/read-manifest.ts'

function engine(code: string, change: Partial<EngineFacts> = {}): EngineFacts {
  return {
    code,
    name: `Cloud ${code}`,
    regions: ['north', 'south'],
    kinds: ['site', 'service'],
    noCarrier: {},
    plans: [{ id: 'free', selfStops: false }],
    guardRails: false,
    cloudAccount: { ok: true, id: `${code}-1`, plan: 'free' },
    ...change,
  }
}

function manifest(placement = '{}', kind = 'service'): Manifest {
  return readManifest(
    `apiVersion: pipi/v1\nname: good\ncomponents:\n  - name: api\n    kind: ${kind}\nplacement: ${placement}\n`,
  ).manifest
}

const room = (shares: Record<string, number>) => (code: string) => ({ share: shares[code] ?? 1 })

describe('engine: auto', () => {
  it('takes the engine that carries all of it and has most room', () => {
    const engines = [
      engine('aaa'),
      engine('bbb'),
      engine('ccc', { kinds: ['site'], noCarrier: { service: 'nothing computes for free' } }),
    ]
    const choice = chooseEngine(manifest(), engines, room({ aaa: 0.2, bbb: 0.9, ccc: 1 }))
    expect(choice.engine.code).toBe('bbb')
    expect(choice.verdicts).toContainEqual(
      expect.objectContaining({
        engine: 'ccc',
        could: false,
        reason: expect.stringContaining('nothing computes for free'),
      }),
    )
  })

  it('takes the first region in which nothing is full, by the scope under which it is counted', () => {
    const hosts = engine('aaa', { regions: ['host', 'lab-1', 'lab-2'], scopes: { host: '' } })
    const full = (...scopes: string[]) =>
      chooseEngine(manifest(), [hosts], () => ({ share: 1, fullScopes: new Set(scopes) }))
    expect(full().region).toBe('host')
    expect(full('').region).toBe('lab-1')
    expect(full('', 'lab-1').region).toBe('lab-2')
    expect(full('', 'lab-1', 'lab-2').region).toBe('host')
  })

  it('keeps to the regions and exclusions of the workspace', () => {
    const engines = [engine('aaa'), engine('bbb', { regions: ['west', 'south'] })]
    expect(chooseEngine(manifest('{exclude: [aaa]}'), engines, room({}))).toMatchObject({
      engine: { code: 'bbb' },
      region: 'west',
    })
    expect(chooseEngine(manifest('{regions: [south]}'), engines, room({ aaa: 0.1 }))).toMatchObject({
      engine: { code: 'bbb' },
      region: 'south',
    })
  })

  it('says of every engine why it could not, when none can', () => {
    const engines = [
      engine('aaa', { cloudAccount: { ok: false, reason: 'not set: TOKEN', hint: '' } }),
      engine('bbb', { kinds: ['site'], noCarrier: { service: 'nothing computes for free' } }),
    ]
    expect(() => chooseEngine(manifest(), engines, room({}))).toThrow(
      expect.objectContaining({
        code: 'lock.no-carrier',
        problems: [
          { path: 'aaa', message: 'not set: TOKEN' },
          { path: 'bbb', message: 'cannot carry "api": nothing computes for free' },
        ],
      }),
    )
  })

  it('says what would have to go, when the free room is taken everywhere', () => {
    const engines = [engine('aaa', { cloudAccount: { ok: false, reason: 'not set: TOKEN', hint: '' } }), engine('bbb')]
    const goes = [{ workspace: 'lab', meter: 'svc.apps', amount: 2, unit: 'app' }]
    const full = () => ({ share: 0, full: 'apps are full (3 of 3)', goes })
    expect(() => chooseEngine(manifest(), engines, full)).toThrow(
      expect.objectContaining({
        code: 'lock.over-limit',
        hint: 'what would have to go: on bbb ./pipi destroy lab',
        problems: [
          { path: 'aaa', message: 'not set: TOKEN' },
          { path: 'bbb', message: 'no room: apps are full (3 of 3), held by lab (2 app)' },
        ],
        data: {
          engines: [expect.objectContaining({ engine: 'aaa' }), expect.objectContaining({ engine: 'bbb', goes })],
        },
      }),
    )
  })
})

describe('a component without a free carrier', () => {
  it('is refused by name, with the reason and the engines that could', () => {
    const small = engine('aaa', { kinds: ['site'], noCarrier: { service: 'nothing computes for free' } })
    expect(refuseUncarried(manifest(), small, [small, engine('bbb'), engine('ccc')])).toMatchObject({
      code: 'lock.no-carrier',
      resource: 'api',
      message: expect.stringContaining('nothing computes for free'),
      hint: expect.stringMatching(/bbb .*ccc .*--engine bbb/),
    })
  })

  it('is not refused where all are carried', () => {
    expect(refuseUncarried(manifest('{}', 'site'), engine('aaa'), [])).toBeUndefined()
  })
})
