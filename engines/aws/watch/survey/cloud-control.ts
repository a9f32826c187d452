import { z } from 'zod'
import type { Found, WatchContext } from '../../../contract/watch.ts'
import { allPages, callJson } from '../call.ts'
import { ownerOf } from './owner.ts'

type Properties = Record<string, unknown>

interface Known {
  type: string
  global?: true
  /** Ours, where it is not Cloud Control's. */
  id?(of: Properties): string
  inputs?(of: Properties): Record<string, unknown>
}

/** CloudFormation's names of what one list call lists, ours for them, and the inputs that tell what it takes. */
export const TYPES: Record<string, Known> = {
  'AWS::EC2::Instance': {
    type: 'aws:ec2/instance:Instance',
    inputs: ({ InstanceType }) => ({ instanceType: InstanceType }),
  },
  'AWS::EC2::EIP': { type: 'aws:ec2/eip:Eip' },
  'AWS::EC2::NatGateway': { type: 'aws:ec2/natGateway:NatGateway' },
  'AWS::EC2::Volume': {
    type: 'aws:ebs/volume:Volume',
    inputs: ({ Size, VolumeType }) => ({ size: Size, type: VolumeType }),
  },
  'AWS::RDS::DBInstance': {
    type: 'aws:rds/instance:Instance',
    inputs: ({ DBInstanceClass }) => ({ instanceClass: DBInstanceClass }),
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': { type: 'aws:lb/loadBalancer:LoadBalancer' },
  'AWS::EKS::Cluster': { type: 'aws:eks/cluster:Cluster' },
  'AWS::SecretsManager::Secret': { type: 'aws:secretsmanager/secret:Secret' },
  'AWS::Events::Rule': {
    type: 'aws:cloudwatch/eventRule:EventRule',
    id: ({ Name }) => String(Name),
    inputs: ({ Name, ScheduleExpression, EventPattern, State, EventBusName }) => ({
      name: Name,
      scheduleExpression: ScheduleExpression,
      eventPattern: EventPattern,
      eventBusName: EventBusName,
      state: State,
    }),
  },
  'AWS::SQS::Queue': { type: 'aws:sqs/queue:Queue' },
  'AWS::SNS::Topic': { type: 'aws:sns/topic:Topic' },
  'AWS::StepFunctions::StateMachine': { type: 'aws:sfn/stateMachine:StateMachine' },
  'AWS::CloudWatch::Alarm': {
    type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
    inputs: ({ AlarmName, Period }) => ({ name: AlarmName, period: Period }),
  },
  'AWS::S3::Bucket': {
    type: 'aws:s3/bucket:Bucket',
    global: true,
    inputs: ({ BucketName }) => ({ bucket: BucketName }),
  },
  'AWS::CloudFront::Distribution': { type: 'aws:cloudfront/distribution:Distribution', global: true },
  'AWS::Route53::HostedZone': { type: 'aws:route53/zone:Zone', global: true },
}

const answerSchema = z.object({
  ResourceDescriptions: z.array(z.object({ Identifier: z.string(), Properties: z.string().optional() })).optional(),
  NextToken: z.string().nullish(),
})
const propertiesSchema = z.looseObject({
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).optional(),
})

/** The rest, by Cloud Control's one list call for all types, which is free. What has no region is asked for in the first. */
export async function listByCloudControl(context: WatchContext, region: string): Promise<Found[]> {
  const found: Found[] = []
  for (const [TypeName, { type, global, id, inputs }] of Object.entries(TYPES)) {
    if (global === true && region !== context.regions[0]) continue
    for (const one of await listed(context, region, TypeName)) {
      const properties = propertiesOf(one.Properties)
      const tags = Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value]))
      found.push({
        type,
        id: id?.(properties) ?? one.Identifier,
        region,
        inputs: { ...inputs?.(properties), region, tags },
        ...ownerOf(tags),
      })
    }
  }
  return found
}

/** A type that a region does not have, or that cannot be listed there, is not there. */
async function listed(...asked: Parameters<typeof list>): ReturnType<typeof list> {
  try {
    return await list(...asked)
  } catch (error) {
    const type = (error as { data?: { type?: unknown } }).data?.type
    if (type === 'TypeNotFoundException' || type === 'UnsupportedActionException') return []
    throw error
  }
}

function list(
  context: WatchContext,
  region: string,
  TypeName: string,
): Promise<{ Identifier: string; Properties?: string | undefined }[]> {
  return allPages(async (NextToken) => {
    const page = await callJson(
      context,
      {
        url: `https://cloudcontrolapi.${region}.amazonaws.com/`,
        target: 'CloudApiService.ListResources',
        version: '1.0',
        answer: answerSchema,
      },
      { TypeName, MaxResults: 100, ...(NextToken === undefined ? {} : { NextToken }) },
    )
    return { items: page.ResourceDescriptions ?? [], next: page.NextToken ?? undefined }
  })
}

function propertiesOf(text: string | undefined): z.infer<typeof propertiesSchema> {
  const parsed = propertiesSchema.safeParse(text === undefined ? {} : JSON.parse(text))
  return parsed.success ? parsed.data : {}
}
