import type { BilledAccount, BillLine, Json, StoredResource } from '../../../stacks/contract/sandbox.ts'

/**
 * The witness' price list for DigitalOcean, USD. It is written by itself and shares nothing with the catalogue or the
 * rules: two books kept by two hands.
 */
const PRICE = {
  /** Every static App beyond the free ones, for each month in which it stood. */
  staticAppMonth: 3,
  /** The smallest container; each running part of an App is one. */
  containerMonth: 5,
  databaseMonth: 7,
  transferGib: 0.02,
  dropletHour: 0.00595,
  registryMonth: { basic: 5, professional: 20 } as Record<string, number>,
}
const FREE_STATIC_APPS = 3
const FREE_GIB_PER_APP = 1

/** What DigitalOcean would charge the team for the month of `now`, up to `now`. */
export function bill(account: BilledAccount): BillLine[] {
  const now = new Date(account.now)
  const month = now.toISOString().slice(0, 7)
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)
  const standing = account.resources.filter(
    (one) => (one.deletedAt ?? account.now) >= start && one.createdAt <= account.now,
  )
  const apps = standing.filter((one) => one.type === 'digitalocean:index/app:App')
  const free = apps.filter((one) => partsOf(one, ['services', 'workers', 'jobs', 'functions', 'databases']) === 0)
  const most = mostAtOnce(free, start, account.now)
  const gib = apps.reduce((sum, one) => sum + (one.usage[month]?.egressBytes ?? 0), 0) / 2 ** 30
  const allowance = most * FREE_GIB_PER_APP
  return [
    line('team', 'Static Apps', most, 'app', Math.max(0, most - FREE_STATIC_APPS) * PRICE.staticAppMonth),
    line('team', 'Outbound transfer of Apps', gib, 'GiB', Math.max(0, gib - allowance) * PRICE.transferGib),
    ...apps.flatMap(paidParts),
    ...standing
      .filter((one) => one.type === 'digitalocean:index/droplet:Droplet')
      .map((one) => droplet(one, start, account.now)),
    ...standing
      .filter((one) => one.type === 'digitalocean:index/containerRegistry:ContainerRegistry')
      .map((one) => {
        const tier = String(one.inputs.subscriptionTierSlug)
        return line(one.id, `Registry ${tier}`, 1, 'month', PRICE.registryMonth[tier] ?? 0)
      }),
  ]
}

/** How many stood side by side at the busiest moment. */
function mostAtOnce(apps: StoredResource[], start: number, now: number): number {
  const moments = apps.map((one) => Math.max(start, one.createdAt))
  return Math.max(
    0,
    ...moments.map((at) => apps.filter((one) => one.createdAt <= at && (one.deletedAt ?? now + 1) > at).length),
  )
}

function paidParts(app: StoredResource): BillLine[] {
  const containers = partsOf(app, ['services', 'workers', 'jobs'])
  const databases = partsOf(app, ['databases'])
  return [
    ...(containers === 0
      ? []
      : [line(app.id, 'App containers', containers, 'container', containers * PRICE.containerMonth)]),
    ...(databases === 0 ? [] : [line(app.id, 'App databases', databases, 'database', databases * PRICE.databaseMonth)]),
  ]
}

function droplet(one: StoredResource, start: number, now: number): BillLine {
  const hours = (Math.min(now, one.deletedAt ?? now) - Math.max(start, one.createdAt)) / 3_600_000
  // A hundredth is the least that a Droplet costs.
  return line(one.id, `Droplet ${String(one.inputs.size)}`, hours, 'hour', Math.max(0.01, hours * PRICE.dropletHour))
}

function partsOf(app: StoredResource, kinds: string[]): number {
  const spec = (app.inputs.spec ?? {}) as Json
  return kinds.reduce((sum, kind) => sum + (Array.isArray(spec[kind]) ? spec[kind].length : 0), 0)
}

function line(resource: string, item: string, quantity: number, unit: string, amount: number): BillLine {
  return { resource, item, quantity, unit, amount }
}
