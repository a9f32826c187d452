import { holdsData } from '../../../stacks/contract/rule.ts'
import { nameOfUrn } from '../../../stacks/wire/urn.ts'
import { type Carriage, Refused } from '../carriage.ts'

/** Users' data is not ours to lose. */
export function requireNamedLoss({ order, rules }: Carriage, urn: string, type: string): void {
  const rule = rules[type]
  if (rule === undefined || !holdsData(rule, nameOfUrn(urn)) || order.deleteData) return
  throw new Refused({
    code: 'guard.data-not-named',
    resource: nameOfUrn(urn),
    message: `${nameOfUrn(urn)} (${type}) holds data, and the request does not name its loss`,
    hint:
      order.kind === 'deploy' || order.kind === 'destroy'
        ? 'repeat with --delete-data when the data may go'
        : `a ${order.kind} never loses data: deploy the manifest that is wanted, with --delete-data when it may go`,
  })
}
