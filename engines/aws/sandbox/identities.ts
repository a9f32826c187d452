import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { text } from './inputs.ts'

const ROLE_POLICY = 'aws:iam/rolePolicy:RolePolicy'

/** IAM, with its own wording of refusals. */
export const identities: Record<string, SimulatedResource> = {
  'aws:iam/role:Role': {
    replaceOn: ['name', 'namePrefix', 'path'],
    deleteBeforeReplace: true,
    tagProperty: 'tags',
    unique: (inputs) => {
      const name = text(inputs, 'name')
      return name === undefined
        ? undefined
        : { name, taken: `creating IAM Role (${name}): EntityAlreadyExists: Role with name ${name} already exists.` }
    },
    async check(inputs) {
      const failures: { property: string; reason: string }[] = []
      const name = text(inputs, 'name')
      if (name !== undefined && !/^[\w+=,.@-]{1,64}$/.test(name)) {
        failures.push({
          property: 'name',
          reason: `expected length of name to be in the range (1 - 64) and to match [\\w+=,.@-], got ${name}`,
        })
      }
      const policy = text(inputs, 'assumeRolePolicy')
      if (policy !== undefined && !isPolicy(policy))
        failures.push({ property: 'assumeRolePolicy', reason: 'contains an invalid JSON policy' })
      return { inputs: { forceDetachPolicies: false, maxSessionDuration: 3600, path: '/', ...inputs }, failures }
    },
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `terraform-${world.hex(26)}`
      return {
        id: name,
        outputs: {
          ...inputs,
          name,
          arn: `arn:aws:iam::${world.cloudAccount}:role${text(inputs, 'path') ?? '/'}${name}`,
          uniqueId: `AROA${world.hex(17).toUpperCase()}`,
          createDate: new Date(world.now()).toISOString(),
          tagsAll: inputs.tags ?? {},
        },
      }
    },
    async update(_id, inputs, old) {
      return { outputs: { ...old.outputs, ...inputs, tagsAll: inputs.tags ?? {} } }
    },
    async delete(stored, world) {
      const has = async (type: string): Promise<boolean> =>
        (await world.list(type)).some((one) => one.inputs.role === stored.id)
      if (await has(ROLE_POLICY))
        throw new Error(
          `deleting IAM Role (${stored.id}): DeleteConflict: Cannot delete entity, must delete policies first.`,
        )
      if (await has('aws:iam/rolePolicyAttachment:RolePolicyAttachment'))
        throw new Error(
          `deleting IAM Role (${stored.id}): DeleteConflict: Cannot delete entity, must detach all policies first.`,
        )
    },
  },
  [ROLE_POLICY]: {
    replaceOn: ['name', 'role'],
    check: async (inputs) => ({
      failures:
        text(inputs, 'policy') === undefined || isPolicy(text(inputs, 'policy') ?? '')
          ? []
          : [{ property: 'policy', reason: '"policy" contains an invalid JSON policy' }],
    }),
    async create(inputs, world) {
      const [role, name] = [text(inputs, 'role') ?? '', text(inputs, 'name') ?? `terraform-${world.hex(26)}`]
      if (!(await world.list('aws:iam/role:Role')).some((one) => one.id === role))
        throw new Error(
          `putting IAM Role (${role}) Policy (${name}): NoSuchEntity: The role with name ${role} cannot be found.`,
        )
      return { id: `${role}:${name}`, outputs: { ...inputs, name } }
    },
  },
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': {
    replaceOn: ['role', 'policyArn'],
    async create(inputs, world) {
      const role = text(inputs, 'role') ?? ''
      const policy = text(inputs, 'policyArn') ?? ''
      const at = `attaching IAM Policy (${policy}) to IAM Role (${role})`
      const roles = await world.list('aws:iam/role:Role')
      if (!roles.some((one) => one.id === role))
        throw new Error(`${at}: NoSuchEntity: The role with name ${role} cannot be found.`)
      if (!/^arn:aws:iam::(aws|\d{12}):policy\/\S+$/.test(policy))
        throw new Error(`${at}: ValidationError: ARN ${policy} is not valid.`)
      return { id: `${role}/${policy}`, outputs: { ...inputs } }
    },
  },
}

/** Whether a text is a policy document. */
export function isPolicy(policy: string): boolean {
  try {
    const parsed: unknown = JSON.parse(policy)
    return typeof parsed === 'object' && parsed !== null && 'Statement' in parsed
  } catch {
    // Not JSON: refused by the caller in IAM's words.
    return false
  }
}
