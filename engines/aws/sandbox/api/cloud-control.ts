import type { Json, StoredResource } from '../../../../stacks/contract/sandbox.ts'
import { ADDRESS, BUCKET, INSTANCE } from '../billable.ts'
import { RULE } from '../schedules.ts'
import { fault, isIn, jsonService, sliceOf } from './json-call.ts'

interface Listed {
  type: string
  identifier?(one: StoredResource): string
  properties(one: StoredResource): Json
}

/** What the simulated AWS can hold of it, by the names of CloudFormation. */
const LISTED: Record<string, Listed> = {
  'AWS::EC2::Instance': {
    type: INSTANCE,
    properties: ({ id, inputs }) => ({ InstanceId: id, InstanceType: inputs.instanceType, Tags: tagsOf(inputs) }),
  },
  'AWS::EC2::EIP': {
    type: ADDRESS,
    properties: ({ id, inputs, outputs }) => ({ AllocationId: id, PublicIp: outputs.publicIp, Tags: tagsOf(inputs) }),
  },
  'AWS::Events::Rule': {
    type: RULE,
    identifier: ({ outputs }) => String(outputs.arn),
    properties: ({ id, inputs }) => ({
      Name: id,
      ScheduleExpression: inputs.scheduleExpression,
      EventBusName: inputs.eventBusName ?? 'default',
      State: inputs.state ?? 'ENABLED',
      Tags: tagsOf(inputs),
    }),
  },
  'AWS::S3::Bucket': {
    type: BUCKET,
    properties: ({ id, inputs }) => ({ BucketName: id, Tags: tagsOf(inputs) }),
  },
}

/** One list call for resources of every service. */
export const cloudControl = jsonService('CloudApiService', {
  async ListResources({ TypeName, NextToken, MaxResults }, world) {
    if (!/^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$/.test(String(TypeName)))
      return fault(400, 'TypeNotFoundException', `there is no type ${TypeName}`)
    const listed = LISTED[String(TypeName)]
    if (listed === undefined) return { TypeName, ResourceDescriptions: [] }
    const all = (await world.list(listed.type)).filter((one) => isIn(world.region, one))
    const { slice, next } = sliceOf(all, NextToken, Number(MaxResults ?? 20))
    return {
      TypeName,
      ResourceDescriptions: slice.map((one) => ({
        Identifier: listed.identifier?.(one) ?? one.id,
        Properties: JSON.stringify(listed.properties(one)),
      })),
      ...(next === undefined ? {} : { NextToken: next }),
    }
  },
})

function tagsOf(inputs: Json): Json[] {
  return Object.entries((inputs.tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({ Key, Value }))
}
