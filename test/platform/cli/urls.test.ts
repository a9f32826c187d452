import { expect, it } from 'vitest'
import { urlsOf } from '../../../platform/cli/urls.ts'

it('finds addresses however deep the outputs hold them, named by their way', () => {
  const outputs = {
    site: { url: 'http://127.0.0.1:1/' },
    data: 'https://b.example/',
    notes: { text: 'http but no address' },
    count: 3,
  }
  expect(urlsOf(outputs)).toEqual([
    { name: 'site', url: 'http://127.0.0.1:1/' },
    { name: 'data', url: 'https://b.example/' },
  ])
})

it('finds none in nothing', () => {
  expect(urlsOf(undefined)).toEqual([])
})
