import type { SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { projectOf } from './identify.ts'
import { FUNCTION, INVOKER, idOf, SERVICE } from './run-names.ts'
import { text } from './values.ts'

/** Who may call a service of Cloud Run, or the one behind a function. */
export const invokers: Record<string, SimulatedResource> = {
  [INVOKER]: {
    replaceOn: ['name', 'location', 'role', 'member'],
    importId: (id, world) => {
      const short = /^([^/ ]+)\/([^/ ]+) (\S+) (\S+)$/.exec(id)
      return short === null ? id : memberId(world, short.slice(1))
    },
    async create(inputs, world) {
      const [location, name] = [text(inputs, 'location') ?? world.region, text(inputs, 'name') ?? '']
      const [role, member] = [text(inputs, 'role') ?? '', text(inputs, 'member') ?? '']
      const ids = [idOf(world, 'functions', location, name), idOf(world, 'services', location, name)]
      const all = [...(await world.list(FUNCTION)), ...(await world.list(SERVICE))]
      if (!all.some((one) => ids.includes(one.id))) {
        throw new Error(
          `Error retrieving IAM policy for cloudrunv2 service: googleapi: Error 404: Resource '${name}' of kind 'SERVICE' in region '${location}' in project '${projectOf(world.cloudAccount)}' does not exist.`,
        )
      }
      if (!/^(allUsers|allAuthenticatedUsers|(user|group|serviceAccount|domain):\S+)$/.test(member)) {
        throw new Error(`Error applying IAM policy: googleapi: Error 400: Invalid argument: member '${member}'.`)
      }
      return {
        id: memberId(world, [location, name, role, member]),
        outputs: { ...inputs, location, etag: `Bw${world.hex(10)}=` },
      }
    },
  },
}

/** Of `location`, `name`, `role` and `member`. */
function memberId(world: World, [location = '', name = '', role, member]: string[]): string {
  return `${idOf(world, 'services', location, name)}/${role}/${member}`
}
