import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { projectOf } from './identify.ts'
import { section, text } from './values.ts'

const LIMITS = ['/project', '/project/region']

/** What an owner protects a project with. */
export const guardRails: Record<string, SimulatedResource> = {
  'gcp:projects/service:Service': {
    replaceOn: ['service', 'project'],
    async create(inputs, world) {
      const project = text(inputs, 'project') ?? projectOf(world.cloudAccount)
      return { id: `${project}/${String(inputs.service)}`, outputs: { ...inputs, project } }
    },
  },
  'gcp:billing/budget:Budget': {
    replaceOn: ['billingAccount'],
    async check(inputs) {
      const amount = section(inputs, 'amount')
      const given = 'specifiedAmount' in amount || 'lastPeriodAmount' in amount
      const reason = 'one of `amount.0.last_period_amount,amount.0.specified_amount` must be specified'
      return { failures: given ? [] : [{ property: 'amount', reason }] }
    },
    async create(inputs, world) {
      if (inputs.billingAccount !== world.cloudAccount)
        throw new Error(`googleapi: Error 403: The caller does not have permission on ${String(inputs.billingAccount)}`)
      const name = `${world.hex(8)}-${world.hex(4)}-${world.hex(4)}-${world.hex(4)}-${world.hex(12)}`
      return { id: `billingAccounts/${world.cloudAccount}/budgets/${name}`, outputs: { ...inputs, name } }
    },
  },
  'gcp:monitoring/notificationChannel:NotificationChannel': {
    replaceOn: ['type', 'project'],
    async create(inputs, world) {
      const name = `projects/${projectOf(world.cloudAccount)}/notificationChannels/${world.hex(16)}`
      return { id: name, outputs: { ...inputs, name, verificationStatus: '' } }
    },
  },
  'gcp:serviceusage/consumerQuotaOverride:ConsumerQuotaOverride': {
    replaceOn: ['service', 'metric', 'limit', 'dimensions', 'project'],
    async check(inputs) {
      const limit = decodeURIComponent(text(inputs, 'limit') ?? '')
      const reason = `googleapi: Error 404: Quota limit ${limit} not found for ${String(inputs.metric)}`
      return { failures: LIMITS.includes(limit) ? [] : [{ property: 'limit', reason }] }
    },
    async create(inputs, world) {
      const enabled = (await world.list('gcp:projects/service:Service')).some(
        (one) => one.inputs.service === inputs.service,
      )
      if (!enabled) throw new Error(`googleapi: Error 403: ${String(inputs.service)} is not enabled, SERVICE_DISABLED`)
      const metric = `services/${inputs.service}/consumerQuotaMetrics/${inputs.metric}/limits/${inputs.limit}`
      return {
        id: `projects/${projectOf(world.cloudAccount)}/${metric}/consumerOverrides/${world.hex(16)}`,
        outputs: { ...inputs, name: world.hex(16) },
      }
    },
  },
}
