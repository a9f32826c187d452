import { describe, expect, it } from 'vitest'
import { policiesFor } from '../../../engines/azu/policies.ts'
import { policyWall } from '../../../engines/azu/sandbox/policy-wall.ts'
import type { ProgramContext } from '../../../engines/contract/engine.ts'
import type { Json, World } from '../../../stacks/contract/sandbox.ts'
import { planProgram } from '../../../stacks/planner/plan-program.ts'
import { plain } from '../../../stacks/wire/values.ts'
import { cloudClient } from '../../stacks/sandbox/cloud-client.ts'
import { component, slugOf, useCloud } from '../use-cloud.ts'
import { plannedRails, railsContext } from '../walls.ts'

const cloud = useCloud('azu')

/** Something in a group of its own, by whoever has the engine's credentials: straight at the platform. */
async function strays(): Promise<{
  make(type: string, inputs: Json): Promise<{ id: string }>
  close(): Promise<void>
}> {
  const configuration = Object.fromEntries(cloud.engine.dna.credentials.map((one) => [one.config, one.sandbox]))
  const client = await cloudClient(cloud.sandbox.ready.providers['azure-native'] ?? '', configuration)
  const place = { resourceGroupName: 'stray', location: 'westeurope' }
  const group = await client.create('azure-native:resources:ResourceGroup', 'stray', place)
  const made: [type: string, id: string][] = [['azure-native:resources:ResourceGroup', group.id]]
  return {
    async make(type, inputs) {
      const one = await client.create(`azure-native:${type}`, 'thing', { ...place, ...inputs })
      made.unshift([`azure-native:${type}`, one.id])
      return one
    },
    async close() {
      for (const [type, id] of made) await client.delete(type, id)
      client.close()
    },
  }
}

/** Each is looked up by the id that its names make. */
async function expectFound(): Promise<void> {
  const reader = cloud.reader()
  try {
    for (const one of await cloud.inventory()) {
      const rule = cloud.engine.rules[one.type]
      const found = await rule?.find(rule.lookup(one.inputs), reader, 'w1')
      // What carries tags has to carry ours, which a guard adds and this test does not.
      expect(found, one.type).toBe(rule?.tagProperty === null ? one.id : undefined)
    }
  } finally {
    reader.close()
  }
}

describe('the guard rails of Azure', () => {
  it('are three policies, a budget and whom it tells, which the lock knows and which take nothing', async () => {
    const planned = await plannedRails(cloud.engine, railsContext(cloud.engine))
    expect(planned.filter((one) => one.amounts?.length !== 0)).toEqual([])
    const counted = new Map<string, number>()
    for (const { type } of planned) counted.set(type, (counted.get(type) ?? 0) + 1)
    expect(Object.fromEntries(counted)).toEqual({
      'azure-native:authorization:PolicyDefinition': 3,
      'azure-native:authorization:PolicyAssignment': 3,
      'azure-native:resources:ResourceGroup': 1,
      'azure-native:monitor:ActionGroup': 1,
      'azure-native:consumption:Budget': 1,
    })
  })

  it('make the platform itself refuse a paid size, a paid type and a place nobody looks at, and are found again', async () => {
    const { stack } = await cloud.run(() => cloud.engine.guardRails?.declare(railsContext(cloud.engine)) ?? {})
    await stack.up()
    await expectFound()
    const stray = await strays()
    for (const [type, inputs, policy] of [
      ['web:AppServicePlan', { name: 'plan', sku: { name: 'B1', tier: 'Basic' } }, 'pipi-free-sizes'],
      ['network:PublicIPAddress', { publicIpAddressName: 'ip' }, 'pipi-allowed-types'],
      ['web:StaticSite', { name: 'far', location: 'brazilsouth', sku: { name: 'Free' } }, 'pipi-allowed-places'],
    ] as const) {
      const asked = stray.make(type, inputs)
      await expect(asked, policy).rejects.toThrow(new RegExp(`RequestDisallowedByPolicy.*${policy}`))
    }
    await stray.make('web:AppServicePlan', { name: 'plan', sku: { name: 'F1', tier: 'Free' } })
    expect((await cloud.inventory()).map((one) => one.type)).toContain('azure-native:web:AppServicePlan')
    await stray.close()
    // Declared once more they change nothing, though a budget begins in the month in which it is made.
    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])
  })

  it('are what holds it back: without them the paid plan is made', async () => {
    const stray = await strays()
    await stray.make('web:AppServicePlan', { name: 'plan', sku: { name: 'B1', tier: 'Basic' } })
    const plan = (await cloud.inventory()).find((one) => one.type.endsWith('AppServicePlan'))
    expect(plan?.inputs).toMatchObject({ sku: { name: 'B1' } })
    await stray.close()
  })
})

describe('the policies', () => {
  it('let through all that the programs declare, and none of it in a paid size', async () => {
    const { limits, regions } = railsContext(cloud.engine)
    const walls = policiesFor(limits, regions)
    const standing = {
      'azure-native:authorization:PolicyDefinition': walls.map(({ name, denies }) => ({
        id: name,
        // biome-ignore lint/suspicious/noThenProperty: the platform's own word; it holds no function
        inputs: { mode: 'Indexed', policyRule: { if: denies, then: { effect: 'deny' } } },
      })),
      'azure-native:authorization:PolicyAssignment': walls.map(({ name }) => ({
        inputs: { policyAssignmentName: name, policyDefinitionId: name },
      })),
    }
    const world = { list: async (type: keyof typeof standing) => standing[type] } as unknown as World
    const through = (type: string, inputs: Json) => policyWall({ operation: 'create', type, inputs }, world)
    const planned = await plannedComponents()
    expect(planned.map((one) => one.type)).toEqual(
      expect.arrayContaining(['azure-native:web:StaticSite', 'azure-native:sql:Database', 'azure-native:web:WebApp']),
    )
    for (const { type, inputs } of planned) {
      await expect(through(type, inputs), type).resolves.toBeUndefined()
      if (inputs.sku === undefined) continue
      const paid = { ...inputs, sku: { name: 'P1v3' } }
      await expect(through(type, paid), type).rejects.toThrow(/RequestDisallowedByPolicy.*pipi-free-sizes/)
    }
  })

  it('allow only services of which the account has anything', () => {
    const [types, sizes] = policiesFor({ 'azure-static-web-apps.apps': 10, 'azure-vm-b1s.hours-B1s-linux': 0 }, ['x'])
    expect(JSON.stringify(types)).toContain('Microsoft.Web/staticSites')
    expect(JSON.stringify(types)).not.toContain('Microsoft.Compute')
    expect(JSON.stringify(sizes)).not.toContain('serverfarms')
  })
})

/** What the programs declare of one component of each kind. */
async function plannedComponents(): Promise<{ type: string; inputs: Json }[]> {
  const components = [
    component({ kind: 'site', name: 'pages' }),
    component({ kind: 'service', name: 'api' }),
    component({ kind: 'function', name: 'hello' }),
    component({ kind: 'database', name: 'papers', model: 'relational' }),
    component({ kind: 'database', name: 'notes', model: 'document' }),
  ]
  const program = async () => {
    for (const one of components) {
      cloud.engine.programs[one.kind]?.declare({
        workspace: { id: 'w1', name: 'demo' },
        component: one,
        artifact: { travels: 'file', path: import.meta.filename, digest: 'd' },
        region: cloud.engine.dna.regions[0] ?? '',
        slug: slugOf(one),
        environment: {},
        uses: {},
      } as ProgramContext)
    }
  }
  const planned = await planProgram({ project: 'pipi', stack: 'programs', program })
  return planned.filter((one) => one.custom).map(({ type, inputs }) => ({ type, inputs: plain(inputs) }))
}
