import resourceProto from '@pulumi/pulumi/proto/resource_pb.js'
import { expect, it } from 'vitest'
import { transform } from '../../../stacks/driver/transform.ts'
import { fromStruct, Secret, toStruct } from '../../../stacks/wire/values.ts'

const STACK = { project: 'proj', stack: 'wone' }

function registration(custom = true): resourceProto.TransformRequest {
  const options = new resourceProto.TransformResourceOptions()
  options.setRetainOnDelete(true)
  options.setDeletedWith('urn:other')
  options.setVersion('9.9.9')
  options.setPluginDownloadUrl('https://elsewhere.example')
  options.setProtect(true)
  options.setDeleteBeforeReplace(false)
  options.setReplaceOnChangesList(['*'])
  options.setReplaceWithList(['urn:other'])
  options.setCustomTimeouts(new resourceProto.RegisterResourceRequest.CustomTimeouts().setCreate('9h'))
  const request = new resourceProto.TransformRequest()
  request.setType('cloudy:index/thing:Thing')
  request.setName('a')
  request.setParent('urn:pulumi:wone::proj::pulumi:pulumi:Stack::proj-wone')
  request.setCustom(custom)
  request.setProperties(toStruct({ password: new Secret('pw') }))
  request.setOptions(options)
  return request
}

it('strips what would walk around the guard, and leaves the rest', () => {
  const options = transform(registration(), STACK, new Map()).getOptions()
  expect(options?.getRetainOnDelete() ?? false).toBe(false)
  expect([options?.getDeletedWith(), options?.getVersion(), options?.getPluginDownloadUrl()]).toEqual(['', '', ''])
  expect(options?.getProtect()).toBe(true)
  expect(options?.hasDeleteBeforeReplace()).toBe(false)
  expect([options?.getReplaceOnChangesList(), options?.getReplaceWithList()]).toEqual([[], []])
  expect(options?.hasCustomTimeouts()).toBe(false)
})

it('adopts by id only the resource that was found', () => {
  const ids = new Map([['urn:pulumi:wone::proj::cloudy:index/thing:Thing::a', 'thing-7']])
  expect(transform(registration(), STACK, ids).getOptions()?.getImport()).toBe('thing-7')
  expect(transform(registration(), STACK, new Map()).getOptions()?.getImport()).toBe('')
})

it('keeps secret marks', () => {
  expect(fromStruct(transform(registration(), STACK, new Map()).getProperties()).password).toEqual(new Secret('pw'))
})
