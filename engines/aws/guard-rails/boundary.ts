import { LOGS_ONLY } from '../logs-only.ts'

/** One statement of an IAM policy. */
export interface Statement {
  Effect: 'Allow' | 'Deny'
  Action?: string[]
  NotAction?: string[]
  Resource: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}
export interface Policy {
  Version: '2012-10-17'
  Statement: Statement[]
}

/** What a service of the catalogue needs. A service of which the account has nothing is not allowed at all. */
const ACTIONS: Record<string, string[]> = {
  'aws-lambda': ['lambda:*'],
  'aws-dynamodb': ['dynamodb:*'],
  'aws-eventbridge': ['events:*'],
  'aws-sqs': ['sqs:*'],
  'aws-sns': ['sns:*'],
  'aws-cloudwatch': ['logs:*', 'cloudwatch:*'],
  'aws-step-functions': ['states:*'],
  'aws-codebuild': ['codebuild:*'],
  'aws-s3': ['s3:*'],
}
/** Services without a region of their own, or whose calls go to one region only. */
const GLOBAL: Record<string, string[]> = {
  'aws-cloudfront-payg': ['cloudfront:*'],
  'aws-ecr-public': ['ecr-public:*'],
}
/** Machines, where the account has hours of them: the sizes that the hours are for, and what stands around them. */
const MACHINES = 'aws-ec2-legacy-750h'
const SIZES = ['t2.micro', 't3.micro', 't4g.micro', 't3.small', 't4g.small', 'c7i-flex.large', 'm7i-flex.large']

/** Reading costs nothing but at Cost Explorer, and watching needs it. */
export const READING = [
  'sts:GetCallerIdentity',
  'freetier:Get*',
  'budgets:View*',
  'budgets:Describe*',
  'iam:Get*',
  'iam:List*',
  'iam:SimulatePrincipalPolicy',
  'cloudformation:GetResource',
  'cloudformation:ListResources',
  'ec2:Describe*',
  'rds:Describe*',
  's3:ListAllMyBuckets',
  'eks:ListClusters',
  'elasticloadbalancing:Describe*',
  'secretsmanager:ListSecrets',
  'route53:ListHostedZones',
  'cloudfront:ListDistributions',
  'sqs:ListQueues',
  'sns:ListTopics',
  'states:ListStateMachines',
  'tag:GetResources',
]
const ROLES = [
  'iam:DeleteRole',
  'iam:DeleteRolePolicy',
  'iam:TagRole',
  'iam:UntagRole',
  'iam:UpdateRole',
  'iam:PassRole',
]

/** Each of them turns a free account into one that pays, buys ahead, or costs by the call. */
const NEVER = [
  'freetier:UpgradeAccountPlan',
  'organizations:*',
  'account:*',
  'ce:*',
  'savingsplans:*',
  'aws-marketplace:*',
  'route53domains:*',
  'ec2:Purchase*',
  'rds:Purchase*',
  'dynamodb:Purchase*',
  'dynamodb:CreateGlobalTable',
  'dynamodb:UpdateContinuousBackups',
  'dynamodb:CreateBackup',
  'dynamodb:ExportTable*',
  'lambda:PutProvisionedConcurrencyConfig',
]

/**
 * The most that the engine's user may ever do, whatever else it is given: the services of which the account has
 * something, in the regions that we look at. A role it makes carries a boundary of its own, which lets it write logs and
 * nothing else whatever policy is put into it, so it is no way around.
 */
export function boundaryFor(limits: Readonly<Record<string, number>>, regions: readonly string[]): Policy {
  const open = new Set(
    Object.entries(limits).flatMap(([meter, limit]) => (limit > 0 ? [meter.split('.')[0] ?? ''] : [])),
  )
  const of = (table: Record<string, string[]>): string[] =>
    Object.entries(table).flatMap(([service, actions]) => (open.has(service) ? actions : []))
  const here = { StringEquals: { 'aws:RequestedRegion': [...regions] } }
  const statements: Statement[] = [
    { Effect: 'Allow', Action: of(ACTIONS), Resource: '*', Condition: here },
    { Effect: 'Allow', Action: [...READING, ...of(GLOBAL), ...ROLES], Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['iam:CreateRole', 'iam:PutRolePolicy'],
      Resource: '*',
      Condition: { ArnEquals: { 'iam:PermissionsBoundary': LOGS_ONLY } },
    },
    ...(open.has(MACHINES) ? machines(here.StringEquals) : []),
    { Effect: 'Deny', Action: NEVER, Resource: '*' },
  ]
  return {
    Version: '2012-10-17',
    Statement: statements.filter((statement) => statement.Action?.length !== 0),
  }
}

function machines(region: Record<string, string[]>): Statement[] {
  return [
    {
      Effect: 'Allow',
      Action: ['ec2:RunInstances'],
      Resource: 'arn:aws:ec2:*:*:instance/*',
      Condition: { StringEquals: { ...region, 'ec2:InstanceType': SIZES } },
    },
    {
      Effect: 'Allow',
      Action: ['ec2:RunInstances'],
      Resource: ['image', 'key-pair', 'network-interface', 'security-group', 'subnet', 'volume'].map(
        (kind) => `arn:aws:ec2:*:*:${kind}/*`,
      ),
      Condition: { StringEquals: region },
    },
    {
      Effect: 'Allow',
      Action: ['ec2:TerminateInstances', 'ec2:StopInstances', 'ec2:CreateTags', 'ec2:*SecurityGroup*', 'ec2:*KeyPair'],
      Resource: '*',
      Condition: { StringEquals: region },
    },
  ]
}
