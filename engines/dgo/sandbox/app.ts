import type { Json, Serving, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { buildStaticSite, type StaticSite } from './build-static-site.ts'
import { uuidOf } from './identify.ts'

export const APP = 'digitalocean:index/app:App'
const REGIONS = ['ams', 'atl', 'blr', 'fra', 'lon', 'nyc', 'sfo', 'sgp', 'syd', 'tor']
const POST = 'POST https://api.digitalocean.com/v2/apps'
const COMPONENTS = ['staticSites', 'services', 'workers', 'jobs', 'functions', 'databases']

/** App Platform. It takes a fourth static App, and charges for it: refusing is not the platform's task. */
export const app: Record<string, SimulatedResource> = {
  [APP]: {
    replaceOn: [],
    unique: (inputs) => {
      const name = specOf(inputs).name
      return typeof name === 'string' ? { name, taken: `${POST}: 409 app name "${name}" is already in use` } : undefined
    },
    check: async (inputs) => ({ failures: failuresOf(specOf(inputs)) }),
    async create(inputs, world) {
      const id = uuidOf(world.hex(32))
      const live = `${String(specOf(inputs).name)}-${world.hex(5)}.ondigitalocean.app`
      const made = new Date(world.now()).toISOString()
      const outputs = {
        createdAt: made,
        projectId: uuidOf(world.hex(32)),
        appUrn: `do:app:${id}`,
        dedicatedIps: [],
        liveDomain: live,
        liveUrl: `https://${live}`,
        defaultIngress: `https://${live}`,
      }
      return { id, ...(await release(inputs, outputs, world)) }
    },
    update: (_id, inputs, old, world) => release(inputs, old.outputs, world),
  },
}

async function release(inputs: Json, outputs: Json, world: World): Promise<{ outputs: Json; serve?: Serving }> {
  const spec = specOf(inputs)
  const { archive, enabled } = (spec.maintenance ?? {}) as { archive?: boolean; enabled?: boolean }
  const site = (Array.isArray(spec.staticSites) ? (spec.staticSites[0] as StaticSite) : undefined) ?? undefined
  const [domain] = (spec.domainNames ?? []) as { name?: string }[]
  const deployed = {
    ...outputs,
    ...inputs,
    ...(domain === undefined ? {} : { liveDomain: domain.name, liveUrl: `https://${domain.name}` }),
    activeDeploymentId: uuidOf(world.hex(32)),
    updatedAt: new Date(world.now()).toISOString(),
  }
  if (site === undefined) return { outputs: deployed }
  const zip = await world.keep(await buildStaticSite(site))
  return {
    outputs: deployed,
    serve: {
      kind: 'static',
      zip,
      root: '',
      notFound: site.errorDocument ?? '404.html',
      urlOutput: domain === undefined ? 'liveUrl' : 'defaultIngress',
      // The offline page of an App in maintenance is App Platform's own.
      ...(archive === true || enabled === true ? { shut: { status: 503, text: 'This app is offline.' } } : {}),
    },
  }
}

function failuresOf(spec: Json): { property: string; reason: string }[] {
  const failures: { property: string; reason: string }[] = []
  const say = (property: string, reason: string): void =>
    void failures.push({ property, reason: `${POST}: 400 ${reason}` })
  if (typeof spec.name === 'string' && !/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/.test(spec.name)) {
    say('spec.name', `error validating app spec field "name": must match regex ^[a-z][a-z0-9-]{0,30}[a-z0-9]$`)
  }
  if (typeof spec.region === 'string' && !REGIONS.includes(spec.region))
    say('spec.region', `error validating app spec field "region": region "${spec.region}" does not exist`)
  const components = COMPONENTS.flatMap((kind) => (Array.isArray(spec[kind]) ? (spec[kind] as Json[]) : []))
  if (components.length === 0) say('spec', 'error validating app spec: at least one component is required')
  for (const site of Array.isArray(spec.staticSites) ? (spec.staticSites as StaticSite[]) : []) {
    if (site.git === undefined && !('github' in site) && !('gitlab' in site))
      say('spec.staticSites', `error validating app spec field "static_sites.git": a source is required`)
  }
  return failures
}

function specOf(inputs: Json): Json {
  return typeof inputs.spec === 'object' && inputs.spec !== null ? (inputs.spec as Json) : {}
}
