import { expect, it } from 'vitest'
import { CliFailed } from '../../../stacks/driver/cli.ts'
import { createStack } from '../../../stacks/driver/create-stack.ts'
import { redact, secretsOfUrl } from '../../../stacks/driver/redact.ts'
import { freePort } from '../../helpers/free-port.ts'
import { pulumiPath } from '../../helpers/pulumi.ts'
import { tempFolder } from '../../helpers/temp.ts'

it("the state's password is in no error of the CLI, which repeats the address", async () => {
  const failed = await createStack({
    project: 'proj',
    stack: 'wone',
    state: { exists: false, locked: false, resources: [], pending: [], outputs: {} },
    pulumi: { path: await pulumiPath(), version: '3.258.0' },
    folder: await tempFolder(),
    stateUrl: `postgres://engine:canary%2Fpassword@127.0.0.1:${await freePort()}/db?sslmode=disable&table=states`,
    secret: 'canary passphrase',
    signal: new AbortController().signal,
  }).catch((error: unknown) => error)
  if (!(failed instanceof CliFailed)) throw new Error(`expected the CLI to fail, got ${String(failed)}`)
  expect(failed.message).toContain('postgres://engine:[secret]@')
  expect(JSON.stringify([failed.message, failed.result])).not.toContain('canary')
})

it('a password is hidden as it is written in an address and as it is meant; an address without one hides nothing', () => {
  const secrets = secretsOfUrl('postgres://me:a%40b@host/db')
  expect(redact('a%40b and a@b', secrets)).toBe('[secret] and [secret]')
  expect(secretsOfUrl('file:///tmp/state')).toEqual([])
})
