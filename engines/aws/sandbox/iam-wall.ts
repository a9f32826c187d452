import type { StoredResource, World } from '../../../stacks/contract/sandbox.ts'
import type { Asked, Wall } from '../../parts/sandbox/walled.ts'

interface Statement {
  Effect: 'Allow' | 'Deny'
  Action?: string | string[]
  NotAction?: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

/** The call that a type's create and update are, as policies name it. */
const CALLS: Record<string, [create: string, update: string]> = {
  'aws:lambda/function:Function': ['lambda:CreateFunction', 'lambda:UpdateFunctionConfiguration'],
  'aws:lambda/functionUrl:FunctionUrl': ['lambda:CreateFunctionUrlConfig', 'lambda:UpdateFunctionUrlConfig'],
  'aws:lambda/permission:Permission': ['lambda:AddPermission', 'lambda:AddPermission'],
  'aws:iam/role:Role': ['iam:CreateRole', 'iam:UpdateRole'],
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': ['iam:AttachRolePolicy', 'iam:AttachRolePolicy'],
  'aws:iam/rolePolicy:RolePolicy': ['iam:PutRolePolicy', 'iam:PutRolePolicy'],
  'aws:iam/policy:Policy': ['iam:CreatePolicy', 'iam:CreatePolicyVersion'],
  'aws:iam/user:User': ['iam:CreateUser', 'iam:PutUserPermissionsBoundary'],
  'aws:iam/userPolicyAttachment:UserPolicyAttachment': ['iam:AttachUserPolicy', 'iam:AttachUserPolicy'],
  'aws:cloudwatch/logGroup:LogGroup': ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'],
  'aws:dynamodb/table:Table': ['dynamodb:CreateTable', 'dynamodb:UpdateTable'],
  'aws:dynamodb/resourcePolicy:ResourcePolicy': ['dynamodb:PutResourcePolicy', 'dynamodb:PutResourcePolicy'],
  'aws:cloudwatch/eventRule:EventRule': ['events:PutRule', 'events:PutRule'],
  'aws:cloudwatch/eventTarget:EventTarget': ['events:PutTargets', 'events:PutTargets'],
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': [
    'lambda:PutFunctionEventInvokeConfig',
    'lambda:UpdateFunctionEventInvokeConfig',
  ],
  'aws:ec2/instance:Instance': ['ec2:RunInstances', 'ec2:ModifyInstanceAttribute'],
  'aws:ec2/eip:Eip': ['ec2:AllocateAddress', 'ec2:AssociateAddress'],
  'aws:s3/bucket:Bucket': ['s3:CreateBucket', 's3:PutBucketVersioning'],
  'aws:budgets/budget:Budget': ['budgets:ModifyBudget', 'budgets:ModifyBudget'],
  'aws:budgets/budgetAction:BudgetAction': ['budgets:CreateBudgetAction', 'budgets:UpdateBudgetAction'],
}

/** IAM, for a user who may not do everything: what its policies allow and its permissions boundary allows as well. */
export const iamWall: Wall = async (asked, world) => {
  if (world.user === undefined) return
  const arn = `arn:aws:iam::${world.cloudAccount}:user/${world.user}`
  const user = (await world.list('aws:iam/user:User')).find((one) => one.id === world.user)
  if (user === undefined)
    throw new Error('InvalidClientTokenId: The security token included in the request is invalid.')
  const [create, update] = CALLS[asked.type] ?? ['unknown:Create', 'unknown:Update']
  const action = asked.operation === 'create' ? create : update
  const [boundary, attached] = await policiesOf(world, user)
  const known = await knownOf(asked, world)
  const refuse = (why: string): never => {
    throw new Error(`AccessDenied: User: ${arn} is not authorized to perform: ${action} ${why}`)
  }
  for (const [policies, name] of [
    [boundary, 'permissions boundary'],
    [attached, 'identity-based policy'],
  ] as const) {
    const about = policies.filter((one) => covers(one, action) && meets(one, known))
    if (about.some((one) => one.Effect === 'Deny')) refuse(`with an explicit deny in a ${name}`)
    if (about.length === 0) refuse(`because no ${name} allows the ${action} action`)
  }
}

/** What IAM says that a user's boundary and policies make of one action, whatever it is done to. */
export async function decisionOn(
  action: string,
  name: string,
  world: World,
): Promise<'allowed' | 'explicitDeny' | 'implicitDeny'> {
  const user = (await world.list('aws:iam/user:User')).find((one) => one.id === name)
  if (user === undefined) return 'implicitDeny'
  const about = (await policiesOf(world, user)).map((policies) => policies.filter((one) => covers(one, action)))
  if (about.flat().some((one) => one.Effect === 'Deny')) return 'explicitDeny'
  return about.every((policies) => policies.length > 0) ? 'allowed' : 'implicitDeny'
}

/** The statements of a user's boundary, and of what is attached to it. */
async function policiesOf(world: World, user: StoredResource): Promise<[Statement[], Statement[]]> {
  const documents = await world.list('aws:iam/policy:Policy')
  const of = (arns: unknown[]): Statement[] =>
    documents
      .filter((one) => arns.includes(one.id))
      .flatMap((one) => (JSON.parse(String(one.inputs.policy)) as { Statement: Statement[] }).Statement)
  const attached = (await world.list('aws:iam/userPolicyAttachment:UserPolicyAttachment'))
    .filter((one) => one.inputs.user === user.id)
    .map((one) => one.inputs.policyArn)
  const { permissionsBoundary } = user.inputs
  return [permissionsBoundary === undefined ? [ANYTHING] : of([permissionsBoundary]), of(attached)]
}

const ANYTHING: Statement = { Effect: 'Allow', Action: '*' }

function covers(statement: Statement, action: string): boolean {
  const named = (patterns: string | string[] | undefined): boolean =>
    [patterns ?? []].flat().some((pattern) => matches(pattern, action))
  return statement.NotAction === undefined ? named(statement.Action) : !named(statement.NotAction)
}

/** What conditions ask about; of a role's policy, what bounds the role that it goes into. */
async function knownOf({ inputs }: Asked, world: World): Promise<Record<string, unknown>> {
  const role = inputs.role === undefined ? [] : await world.list('aws:iam/role:Role')
  return {
    'aws:RequestedRegion': inputs.region ?? world.region,
    'iam:PolicyARN': inputs.policyArn,
    'iam:PermissionsBoundary':
      inputs.permissionsBoundary ?? role.find((one) => one.id === inputs.role)?.inputs.permissionsBoundary,
    'ec2:InstanceType': inputs.instanceType,
  }
}

function meets({ Condition }: Statement, known: Record<string, unknown>): boolean {
  return Object.values(Condition ?? {}).every((keys) =>
    Object.entries(keys).every(([key, values]) => [values].flat().some((value) => matches(value, String(known[key])))),
  )
}

function matches(pattern: string, text: string): boolean {
  const words = pattern.split('*').map((word) => word.replaceAll(/[.+?^${}()|[\]\\/-]/g, '\\$&'))
  return new RegExp(`^${words.join('.*')}$`, 'i').test(text)
}
