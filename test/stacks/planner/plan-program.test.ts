import { CustomResource } from '@pulumi/pulumi'
import { describe, expect, it } from 'vitest'
import { planProgram } from '../../../stacks/planner/plan-program.ts'

class Thing extends CustomResource {
  constructor(name: string, args: Record<string, unknown> = {}) {
    super('made:up/thing:Thing', name, args)
  }
}

const plan = (stack: string, program: () => Promise<unknown>) => planProgram({ project: 'planned', stack, program })

describe('planProgram', () => {
  it('names what a program registers, as the engine would', async () => {
    const planned = await plan('one', async () => void new Thing('first', { size: 2 }))
    expect(planned.filter((each) => each.custom)).toEqual([
      {
        urn: 'urn:pulumi:one::planned::made:up/thing:Thing::first',
        type: 'made:up/thing:Thing',
        name: 'first',
        custom: true,
        inputs: { size: 2 },
      },
    ])
  })

  it('keeps programs that run side by side apart, also their failures', async () => {
    const failing = plan('bad', async () => {
      new Thing('before')
      throw new Error('no such thing')
    })
    const good = Array.from({ length: 8 }, (_, at) =>
      plan(`good${at}`, async () => {
        const first = new Thing(`first${at}`)
        new Thing(`second${at}`, { of: first.id })
      }),
    )
    await expect(failing).rejects.toThrow('the program failed before anything was planned: no such thing')
    for (const [at, planned] of (await Promise.all(good)).entries()) {
      expect(planned.flatMap((each) => (each.custom ? [each.name] : []))).toEqual([`first${at}`, `second${at}`])
    }
  })
})
