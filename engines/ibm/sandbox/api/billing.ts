import type { ApiCall, ApiReply, ApiWorld, Json } from '../../../../stacks/contract/sandbox.ts'
import { bill, usedIn } from '../prices.ts'

/** What the account used and will be charged for in a month: of the running one, what its figures show by now. */
export async function billing({ method, path }: ApiCall, world: ApiWorld): Promise<ApiReply | undefined> {
  const [, account, month] = /^\/v4\/accounts\/([0-9a-f]{32})\/usage\/(\d{4}-\d{2})$/.exec(path) ?? []
  if (method !== 'GET' || account === undefined || month === undefined) return undefined
  if (account !== world.cloudAccount)
    return { status: 403, body: { errors: [{ code: 'forbidden', message: 'not an account of this user' }] } }
  const running = new Date(world.now()).toISOString().slice(0, 7) === month
  const resources = running ? await world.metered() : []
  const used = usedIn(resources, world.now())
  const lines = running ? bill({ id: account, plan: '', resources, now: world.now() }) : []
  const cost = (pattern: RegExp) =>
    lines.filter((line) => pattern.test(line.item)).reduce((sum, { amount }) => sum + amount, 0)
  const metric = (name: string, unit: string, quantity: number, item: RegExp): Json => ({
    metric: name,
    unit,
    quantity,
    cost: cost(item),
  })
  return {
    status: 200,
    body: {
      account_id: account,
      month,
      currency_code: 'USD',
      resources: [
        {
          resource_id: 'codeengine',
          resource_name: 'Code Engine',
          billable_cost: cost(/^Code Engine/),
          plans: [
            {
              plan_id: 'standard',
              usage: [
                metric('VCPU_SECONDS', 'VCPU_SECOND', used.vcpuSeconds, /vCPU$/),
                metric('GIGABYTE_SECONDS', 'GIGABYTE_SECOND', used.gbSeconds, /memory$/),
                metric('HTTP_REQUESTS', 'REQUEST', used.requests, /requests$/),
              ],
            },
          ],
        },
        { resource_id: 'others', resource_name: 'Others', billable_cost: cost(/^(?!Code Engine)/), plans: [] },
      ],
    },
  }
}
