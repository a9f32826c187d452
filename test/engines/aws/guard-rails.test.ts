import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js'
import { Eip } from '@pulumi/aws/ec2/eip.js'
import { Role } from '@pulumi/aws/iam/role.js'
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js'
import { User } from '@pulumi/aws/iam/user.js'
import { describe, expect, it } from 'vitest'
import { boundaryFor } from '../../../engines/aws/guard-rails/boundary.ts'
import { LOGS_ONLY } from '../../../engines/aws/logs-only.ts'
import { useCloud } from '../use-cloud.ts'
import { plannedRails, railsContext } from '../walls.ts'

const cloud = useCloud('aws')
/** A key of the user that the guard rails make, which its owner has given to the engine. */
const WALLED = { accessKey: 'AKIAPIPIENGINEUSER01' }

const LAMBDA = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
})

const logs = () => {
  new LogGroup('logs', { name: '/pipi/stray', retentionInDays: 1 })
  return {}
}
const address = () => {
  new Eip('address', { domain: 'vpc' })
  return {}
}
const bounded = () => {
  const role = new Role('role', { name: 'bounded', assumeRolePolicy: LAMBDA, permissionsBoundary: LOGS_ONLY })
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  new RolePolicy('policy', { name: 'policy', role: role.name, policy: JSON.stringify(everything) })
  return {}
}
const somebody = () => {
  new User('somebody', { name: 'somebody' })
  return {}
}

describe('the guard rails of AWS', () => {
  it('are a walled user, a budget and its action, of which two are free', async () => {
    const planned = await plannedRails(cloud.engine, railsContext(cloud.engine))
    expect(planned.filter((one) => one.amounts === undefined)).toEqual([])
    expect(
      planned.flatMap((one) => one.amounts ?? []).map(({ meter, amount, bound }) => [meter, amount, bound]),
    ).toEqual([['aws-budgets.action-enabled-budgets', 1, 'proven']])
    expect(new Set(planned.map((one) => one.type))).toEqual(
      new Set([
        'aws:iam/policy:Policy',
        'aws:iam/user:User',
        'aws:iam/userPolicyAttachment:UserPolicyAttachment',
        'aws:iam/role:Role',
        'aws:iam/rolePolicyAttachment:RolePolicyAttachment',
        'aws:budgets/budget:Budget',
        'aws:budgets/budgetAction:BudgetAction',
      ]),
    )
  })

  it('make AWS itself refuse what has no free part, another region and a way around, to who has the new key', async () => {
    const { stack } = await cloud.run(() => cloud.engine.guardRails?.declare(railsContext(cloud.engine)) ?? {})
    await stack.up()
    for (const [program, action, region] of [
      [address, 'ec2:AllocateAddress', 'us-east-1'],
      [somebody, 'iam:CreateUser', 'us-east-1'],
      [logs, 'logs:CreateLogGroup', 'sa-east-1'],
    ] as const) {
      const stray = await cloud.run(program, { ...WALLED, region })
      await expect(stray.stack.up(), action).rejects.toThrow(new RegExp(`AccessDenied.*pipi-engine.*${action}`))
      await cloud.forget(stray)
    }
    const allowed = await cloud.run(() => ({ ...logs(), ...bounded() }), WALLED)
    await allowed.stack.up()
    expect((await cloud.inventory()).filter((one) => one.type.includes('logGroup'))).toHaveLength(1)
    await expectFound()
    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])
  })

  it('have no action where nobody is named, since it would have to tell somebody', async () => {
    const { email: _, ...nobody } = railsContext(cloud.engine)
    const planned = await plannedRails(cloud.engine, nobody)
    expect(planned.map((one) => one.type)).not.toContain('aws:budgets/budgetAction:BudgetAction')
    expect(planned.find((one) => one.type.includes('Budget'))?.inputs.notifications).toBeUndefined()
  })
})

/** What carries tags has to carry ours, which a guard adds and this test does not; the rest is found by its names. */
async function expectFound(): Promise<void> {
  const reader = cloud.reader()
  try {
    for (const one of await cloud.inventory()) {
      const rule = cloud.engine.rules[one.type]
      if (rule === undefined || one.type.includes('budgetAction')) continue
      const found = await rule.find(rule.lookup(one.inputs), reader, 'w1')
      expect(found, one.type).toBe(rule.tagProperty === null ? one.id : undefined)
    }
  } finally {
    reader.close()
  }
}

describe('the boundary of the engine', () => {
  const regions = ['us-east-1', 'eu-central-1']
  const some = boundaryFor({ 'aws-lambda.requests': 1, 'aws-s3.storage': 0 }, regions)

  it('allows only services of which the account has anything, where the engine looks', () => {
    const [here] = some.Statement
    expect(here?.Action).toEqual(['lambda:*'])
    expect(here?.Condition).toEqual({ StringEquals: { 'aws:RequestedRegion': regions } })
    const nothing = boundaryFor({}, regions).Statement.flatMap((one) => one.Action ?? [])
    expect(nothing.filter((one) => /^(lambda|s3|dynamodb|ec2):(\*|Create|Run)/.test(one))).toEqual([
      'dynamodb:CreateGlobalTable',
      'dynamodb:CreateBackup',
    ])
  })

  it('never lets a plan be upgraded, an organization be made, or a question be asked that costs a cent', () => {
    const denied = some.Statement.filter((one) => one.Effect === 'Deny').flatMap((one) => one.Action ?? [])
    expect(denied).toEqual(expect.arrayContaining(['freetier:UpgradeAccountPlan', 'organizations:*', 'ce:*']))
  })

  it('lets a role be made, and a policy be put into one, only under the boundary for logs', () => {
    const about = some.Statement.filter((one) =>
      one.Action?.some((action) => /^iam:(\*|CreateRole|Put.*|Attach.*)$/.test(action)),
    )
    expect(about).toEqual([
      {
        Effect: 'Allow',
        Action: ['iam:CreateRole', 'iam:PutRolePolicy'],
        Resource: '*',
        Condition: { ArnEquals: { 'iam:PermissionsBoundary': LOGS_ONLY } },
      },
    ])
  })

  it('is no longer than AWS takes, with every service in it', () => {
    const all = [
      'lambda',
      'dynamodb',
      'sqs',
      'sns',
      'cloudwatch',
      'step-functions',
      'codebuild',
      's3',
      'ec2-legacy-750h',
    ]
    const limits = Object.fromEntries(all.map((id) => [`aws-${id}.anything`, 1]))
    expect(JSON.stringify(boundaryFor(limits, cloud.engine.dna.regions)).length).toBeLessThan(6144)
  })
})
