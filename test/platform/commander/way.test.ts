import { describe, expect, it } from 'vitest'
import { WAY } from '../../../factory/stem-cell/way.ts'
import { DEPLOYMENT_WAY } from '../../../platform/commander/way.ts'

describe("a deployment's way", () => {
  it('has the eight steps of its description, and the engine has just those that are given to it', () => {
    expect(DEPLOYMENT_WAY.map((step) => step.name)).toEqual([
      'intake',
      'assign',
      'build',
      'plan',
      'reserve',
      'apply',
      'verify',
      'settle',
    ])
    const engine = DEPLOYMENT_WAY.filter((step) => step.by === 'engine' && step.name !== 'settle').map(
      ({ name, status }) => ({ name, status }),
    )
    // It may have steps beside them: a preview's end, or what it prepares meanwhile.
    const known = WAY.map(({ name, status }) => ({ name, status })).filter((step) =>
      engine.some(({ name }) => name === step.name),
    )
    expect(known).toEqual(engine)
  })
})
