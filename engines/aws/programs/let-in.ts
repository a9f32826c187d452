import { ResourcePolicy } from '@pulumi/aws/dynamodb/resourcePolicy.js'
import { all, type Output, output } from '@pulumi/pulumi'
import { PipiError } from '../../../catalog/errors.ts'
import type { ProgramOutputs } from '../../contract/engine.ts'

/** What a function may do with a table that its component uses: its items, not the table. */
const ITEMS = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan', 'BatchGetItem', 'BatchWriteItem']

type Door = (session: Output<string>) => void
const DOOR = Symbol('door')

/**
 * The door of a table: a policy of the table's own names the sessions that it lets in. Unlike a right in a role, it is
 * not bounded by the role's boundary (IAM: a resource that names a session), so that roles need no right but their log.
 */
export function withDoor(outputs: ProgramOutputs, name: string, tableArn: Output<string>): ProgramOutputs {
  const sessions: Output<string>[] = []
  const door: Door = (session) => {
    sessions.push(session)
    // A table has one policy for all: it is made with the first, and written when the whole program has been declared.
    if (sessions.length > 1) return
    const everybody = output(Promise.resolve(sessions)).apply((everyone) => all(everyone))
    new ResourcePolicy(`${name}-door`, {
      resourceArn: tableArn,
      policy: all([tableArn, everybody]).apply(([arn, named]) =>
        JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: [...named].sort() },
              Action: ITEMS.map((item) => `dynamodb:${item}`),
              Resource: [arn, `${arn}/index/*`],
            },
          ],
        }),
      ),
    })
  }
  // Not one of the outputs: they are written down, and this is for this run of the program only.
  return Object.defineProperty(outputs, DOOR, { value: door, enumerable: false })
}

/** Lets a function's session into what its component uses. */
export function letIn(used: ProgramOutputs, session: Output<string>): void {
  const door = (used as { [DOOR]?: Door })[DOOR]
  if (door === undefined) throw new PipiError('platform.internal', 'what is used here has no door to let a function in')
  door(session)
}
