// Errors as the page receives them.
import { expect, test } from 'vitest'
import { ObjectStoreFailed } from '../../src/adapters/object-store/bucket.js'
import { refusalOf } from '../../src/ui/reader/trouble.js'

test('a bucket that refuses access is told with its address and a hint, as by the commands, not as a bug', () => {
  const thrown = new ObjectStoreFailed('s3://team/tasks', 'access is denied to key-1', 'ask for `s3:ListBucket`')
  expect(refusalOf(thrown, (text) => text.replace('key-1', '***'))).toEqual({
    status: 503,
    failure: {
      schema: 1,
      errors: [
        {
          tag: 'StoreUnusable',
          message: 'the store at s3://team/tasks cannot be used: access is denied to ***',
          hint: 'ask for `s3:ListBucket`',
        },
      ],
    },
  })
})

test('errors of the copy of the library that a project brings are told as those of this one', () => {
  const errors = [{ _tag: 'ProjectNotFound', lookedIn: '/films', file: undefined }]
  const thrown = Object.assign(new Error('of another copy'), { name: 'TaskchainError', errors })
  expect(refusalOf(thrown)).toMatchObject({ status: 503, failure: { errors: [{ tag: 'ProjectNotFound' }] } })
})
