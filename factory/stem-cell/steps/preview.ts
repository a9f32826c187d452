import type { Step } from '../carriage.ts'
import { operate } from './apply.ts'

/** The full preview, for people and approvals: what would change, and nothing changes. */
export const preview: Step = {
  name: 'preview',
  status: 'planning',
  kinds: ['preview'],
  async run(carriage) {
    const result = await operate(carriage, 'preview')
    carriage.outputs = {
      changes: result.changes.map(({ urn, type, operation }) => ({ urn, type, operation })),
      takes:
        carriage.grant?.lines
          .filter((line) => line.operation !== 'delete')
          .map(({ urn, type, amounts }) => ({ urn, type, amounts })) ?? [],
    }
  },
}
