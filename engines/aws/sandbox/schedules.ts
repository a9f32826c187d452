import type { Firing, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { timesOf } from '../../parts/schedule/cron.ts'
import { fromExpression } from '../schedule-expression.ts'
import { FUNCTION } from './functions.ts'
import { named, oneOf, text } from './inputs.ts'

export const RULE = 'aws:cloudwatch/eventRule:EventRule'
const TARGET = 'aws:cloudwatch/eventTarget:EventTarget'

/** EventBridge: rules on a schedule, and the functions that they call. */
export const schedules: Record<string, SimulatedResource> = {
  [RULE]: {
    replaceOn: ['name', 'namePrefix', 'eventBusName'],
    deleteBeforeReplace: true,
    tagProperty: 'tags',
    unique: named('name', (name) => `creating EventBridge Rule (${name}): ResourceAlreadyExistsException`),
    async check(inputs) {
      const failures = oneOf(inputs, 'state', ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'])
      const expression = text(inputs, 'scheduleExpression')
      if (expression !== undefined && fromExpression(expression) === undefined)
        failures.push({ property: 'scheduleExpression', reason: 'Parameter ScheduleExpression is not valid.' })
      return { inputs: { eventBusName: 'default', forceDestroy: false, ...inputs }, failures }
    },
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `terraform-${world.hex(26)}`
      return {
        id: name,
        outputs: {
          state: 'ENABLED',
          ...inputs,
          name,
          arn: `arn:aws:events:${world.region}:${world.cloudAccount}:rule/${name}`,
          tagsAll: inputs.tags ?? {},
        },
      }
    },
    update: async (_id, inputs, old) => ({
      outputs: { ...old.outputs, state: 'ENABLED', ...inputs, tagsAll: inputs.tags ?? {} },
    }),
    async delete(stored, world) {
      if ((await world.list(TARGET)).some((one) => one.inputs.rule === stored.id))
        throw new Error(
          `deleting EventBridge Rule (${stored.id}): ValidationException: Rule can't be deleted since it has targets.`,
        )
    },
  },
  [TARGET]: {
    replaceOn: ['rule', 'targetId', 'eventBusName'],
    deleteBeforeReplace: true,
    importId: (id) => id.replace('/', '-'),
    check: async (inputs) => ({ inputs: { eventBusName: 'default', forceDestroy: false, ...inputs } }),
    async create(inputs, world) {
      const [rule, targetId] = [text(inputs, 'rule') ?? '', text(inputs, 'targetId') ?? `terraform-${world.hex(26)}`]
      if (!(await world.list(RULE)).some((one) => one.id === rule))
        throw new Error(`creating EventBridge Target: ResourceNotFoundException: Rule ${rule} does not exist.`)
      return { id: `${rule}-${targetId}`, outputs: { ...inputs, targetId } }
    },
    async fires(stored, after, until, world) {
      const rule = (await world.list(RULE)).find((one) => one.id === stored.inputs.rule)
      if (rule === undefined || rule.outputs.state === 'DISABLED') return []
      const fn = await calledBy(String(rule.outputs.arn), String(stored.inputs.arn), world)
      const schedule = fromExpression(String(rule.inputs.scheduleExpression))
      if (fn === undefined || schedule === undefined) return []
      return [...timesOf(schedule, after, until)].map((at) => firing(at, fn, String(rule.outputs.arn), world))
    },
  },
}

/** The function, where a permission of its own lets that rule call it. */
async function calledBy(rule: string, arn: string, world: World): Promise<string | undefined> {
  const fn = (await world.list(FUNCTION)).find((one) => one.outputs.arn === arn)
  const allowed = (await world.list('aws:lambda/permission:Permission')).some(
    ({ inputs }) =>
      inputs.function === fn?.id &&
      inputs.principal === 'events.amazonaws.com' &&
      (inputs.sourceArn === undefined || inputs.sourceArn === rule),
  )
  return allowed ? fn?.id : undefined
}

/** Not HTTP: a method that no client can send tells the runtime that the body is the event itself. */
function firing(at: number, id: string, rule: string, { cloudAccount }: World): Firing {
  const event = {
    version: '0',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: cloudAccount,
    time: new Date(at).toISOString(),
    resources: [rule],
    detail: {},
  }
  const request = { method: 'EVENT', path: '/', query: '', headers: {}, body: Buffer.from(JSON.stringify(event)) }
  return { at, target: { type: FUNCTION, id }, request }
}
