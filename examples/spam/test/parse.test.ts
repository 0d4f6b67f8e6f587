import { expect, test } from 'vitest'
import { parseMail } from '../mail/parse.js'

test('headers go over several lines, and say in which charset they are', () => {
  const { subject, kind, text } = parseMail(
    'Subject: =?iso-8859-1?Q?Caf=E9_at?=\n =?utf-8?B?IG5pbmU=?=\n\nSee you\n\n\nthere',
  )
  expect({ subject, kind, text }).toEqual({ subject: 'Café at nine', kind: 'plain', text: 'See you\nthere' })
})

test('of a mail in two versions, what people see is read', () => {
  const lines = [
    'Content-Type: multipart/alternative; boundary="=_b"',
    '',
    'nobody reads this',
    '--=_b',
    'Content-Type: text/plain',
    '',
    'the plain one',
    '--=_b',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<style>p { color: red }</style><p>5 &euro; &amp; caf=C3=A9 <a href=3D"http://x">cl=',
    'ick</a>',
    '--=_b--',
  ]
  expect(parseMail(lines.join('\n'))).toEqual({ subject: '', kind: 'both', text: '5 &euro; & café [link] click' })
})

test.each([
  ['no body', 'Subject: x', ''],
  [
    'a charset that nobody knows',
    'Content-Type: text/plain; charset=klingon\nContent-Transfer-Encoding: base64\n\naGk=',
    'hi',
  ],
  ['a boundary that never comes', 'Content-Type: multipart/mixed; boundary=q\n\nhello', ''],
  ['a picture', 'Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAAA', ''],
  ['an open tag', 'Content-Type: text/html\n\n<p>before<a href="', 'before'],
])('%s is read as well as it can be', (_, source, text) => {
  expect(parseMail(source).text).toBe(text)
})
