import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, overLimit, takes, unsafe } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { findApp } from './find-app.ts'

type Inputs = Record<string, unknown>

const REGIONS = ['ams', 'atl', 'blr', 'fra', 'lon', 'nyc', 'sfo', 'sgp', 'syd', 'tor']
/** Each App has this much for itself (source D1 of the catalogue). */
const TRANSFER_GIB = 1
/** No throttle is documented for what a content network hands out. An assumption of ours: 10 Gbit/s for one App. */
const SENT_GIB_PER_HOUR = (1.25e9 * 3600) / 2 ** 30
/** Parts of a spec without a price. Any other part is refused: it makes the App a paid one, or nobody knows. */
const FREE_PARTS = [
  'name',
  'region',
  'staticSites',
  'domains',
  'domainNames',
  'alerts',
  'envs',
  'features',
  'ingress',
  'maintenance',
  'disableEdgeCache',
  'disableEmailObfuscation',
]

export const app: Record<string, ResourceRule> = {
  'digitalocean:index/app:App': {
    demand: appDemand,
    // Apps carry no tags: their names are unique in a team, and ours hold the workspace's own part.
    tagProperty: null,
    lookup: (inputs) => ({ name: textAt(inputs, 'spec.name') ?? null }),
    find: (lookup, platform) => findApp(lookup, platform),
    // Archived, an App answers with an offline page only, and comes back by a deployment.
    suspended: ({ spec, ...inputs }) => ({
      ...inputs,
      spec: { ...(spec as Inputs | undefined), maintenance: { enabled: true, archive: true } },
    }),
    stateful: false,
  },
}

function appDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const spec = inputs.spec
  if (typeof spec !== 'object' || spec === null) return unsafe('spec', undefined, 'a spec with static sites only')
  for (const [part, value] of Object.entries(spec)) {
    if (FREE_PARTS.includes(part) || value === undefined || (Array.isArray(value) && value.length === 0)) continue
    return unsafe(`spec.${part}`, value, 'static sites only: anything else makes the App a paid one')
  }
  const region = textAt(inputs, 'spec.region') ?? context.region
  if (!REGIONS.includes(region)) return unsafe('spec.region', region, REGIONS.join(', '))
  const { egressMb } = context.expect
  const transfer = amount(
    'do-static-sites.transfer',
    (egressMb * 1e6) / 2 ** 30,
    'watched',
    `${egressMb} MB expected a month`,
  )
  if (transfer.amount > TRANSFER_GIB) {
    return overLimit(
      'do-static-sites.transfer',
      `${egressMb} MB expected a month, and an App has ${TRANSFER_GIB} GiB`,
      'expect at most 1073 MB (expect.egressMb), or choose another engine',
    )
  }
  return takes(
    amount('do-static-sites.apps', 1, 'proven', 'one App with static sites only'),
    atMost(transfer, SENT_GIB_PER_HOUR),
  )
}
