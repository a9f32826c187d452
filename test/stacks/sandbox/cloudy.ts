import type { Json, Serving, SimulatedCloud } from '../../../stacks/contract/sandbox.ts'

const REGIONS = ['here', 'there']

function siteOf({ zip, offline, bytesADay }: Json): Serving {
  const serve: Serving = {
    kind: 'static',
    zip: (zip as { kept: string }).kept,
    root: 'public',
    urlOutput: 'url',
    ...(bytesADay === undefined
      ? {}
      : { quota: { per: 'day', egressBytes: Number(bytesADay), shut: { status: 403, text: 'quota' } } }),
  }
  return offline === true ? { ...serve, shut: { status: 503, text: 'offline' } } : serve
}

/** A made-up cloud: what a simulated cloud can do, in small. */
const cloudy: SimulatedCloud = {
  provider: 'cloudy',
  engine: 'cld',
  identify(configuration) {
    if (configuration.token === 'wrong') throw new Error('InvalidToken: the token is not known')
    return { cloudAccount: String(configuration.account ?? 'acct-1'), region: 'here' }
  },
  resources: {
    'cloudy:index:Machine': {
      replaceOn: ['region', 'disk.kind'],
      tagProperty: 'tags',
      asByHand: async (inputs) => ({ name: 'by-hand', ...inputs }),
      async check(inputs) {
        const failures =
          inputs.region === undefined || REGIONS.includes(String(inputs.region))
            ? []
            : [{ property: 'region', reason: `region "${inputs.region}" does not exist` }]
        return { inputs: { size: 'small', ...inputs }, failures }
      },
      unique: (inputs) =>
        typeof inputs.name === 'string' ? { name: inputs.name, taken: `NameInUse: ${inputs.name}` } : undefined,
      async create(inputs, world) {
        const id = `m-${world.hex(8)}`
        return { id, outputs: { ...inputs, arn: `arn:${world.cloudAccount}:${world.region}:${id}` } }
      },
    },
    'cloudy:index:Site': {
      replaceOn: [],
      create: async (inputs, world) => ({ id: `s-${world.hex(6)}`, outputs: { ...inputs }, serve: siteOf(inputs) }),
      update: async (_id, inputs) => ({ outputs: { ...inputs }, serve: siteOf(inputs) }),
    },
    'cloudy:index:Function': {
      replaceOn: ['name'],
      deleteBeforeReplace: true,
      async create(inputs) {
        const digest = typeof inputs.code === 'string' ? inputs.code : (inputs.code as { kept: string }).kept
        const adapter = new URL('./cloudy-adapter.ts', import.meta.url).href
        const environment = (inputs.environment ?? {}) as Record<string, string>
        const limits = {
          concurrency: inputs.concurrency as number | undefined,
          timeoutMs: inputs.timeoutMs as number | undefined,
        }
        const serve = {
          kind: 'handler' as const,
          zip: digest,
          adapter,
          options: { entry: 'main.mjs' },
          environment,
          ...limits,
        }
        return { id: String(inputs.name), outputs: { ...inputs }, serve }
      },
    },
    'cloudy:index:Address': {
      replaceOn: ['functionName'],
      async create(inputs, world) {
        const id = String(inputs.functionName)
        const known = await world.list('cloudy:index:Function')
        if (!known.some((one) => one.id === id)) throw new Error(`ResourceNotFound: function ${id}`)
        const serve = { kind: 'alias' as const, of: { type: 'cloudy:index:Function', id }, urlOutput: 'url' }
        return { id: `a-${id}`, outputs: { ...inputs }, serve }
      },
    },
  },
  invokes: {
    'cloudy:index:getMachine': async (args, world) => {
      const machines = await world.list('cloudy:index:Machine')
      return { id: machines.find((one) => one.inputs.name === args.name)?.id ?? '' }
    },
  },
  callerOf: ({ headers }) =>
    headers['x-token'] === 'wrong'
      ? { status: 401, body: { message: 'InvalidToken' } }
      : (headers['x-account'] ?? 'acct-1'),
  async api({ method, path, host, query, body }, world) {
    if (path === '/echo') return { status: 200, body: { method, host, query, body, account: world.cloudAccount } }
    if (method !== 'GET') return { status: 405, body: { message: `expected GET, got ${method}` } }
    if (path === '/usage')
      return {
        status: 200,
        body: { used: (await world.metered()).map(({ id, usage, days }) => ({ id, usage, days })) },
      }
    if (path !== '/machines') return { status: 404, body: { message: 'not found' } }
    return { status: 200, body: { machines: (await world.list('cloudy:index:Machine')).map((one) => one.id) } }
  },
  /** A machine costs 1 USD a started month, a request above 100 a month a tenth of a cent. */
  bill({ resources, now }) {
    const month = new Date(now).toISOString().slice(0, 7)
    const start = Date.parse(`${month}-01T00:00:00Z`)
    return resources.flatMap((one) => {
      const requests = Math.max(0, (one.usage[month]?.requests ?? 0) - 100)
      const lived = one.deletedAt === undefined || one.deletedAt >= start
      return [
        ...(one.type === 'cloudy:index:Machine' && lived
          ? [{ resource: one.id, item: 'machine', quantity: 1, unit: 'month', amount: 1 }]
          : []),
        ...(requests > 0
          ? [{ resource: one.id, item: 'requests', quantity: requests, unit: 'request', amount: requests * 0.001 }]
          : []),
      ]
    })
  },
}

export default cloudy
