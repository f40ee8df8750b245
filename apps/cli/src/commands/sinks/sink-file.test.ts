import { expect, test } from 'vitest'
import { parseField, sinkOf } from './sink-file.ts'

const BASE = { name: 'archive', protocol: 'postgres' }
const fields = (...texts: string[]) => texts.map(parseField)

test('fields of the command line make the same sink as a file', () => {
  const words = fields('connection.host=db.plant.example', 'connection.database=p', 'connection.user=s')
  const secret = fields('connection.password={ secret: db }', 'batch.valuesMax=50')
  expect(sinkOf(BASE, [...words, ...secret])).toEqual({
    name: 'archive',
    protocol: 'postgres',
    connection: { host: 'db.plant.example', database: 'p', user: 's', password: { secret: 'db' } },
    batch: { valuesMax: 50 },
  })
})

test('a value of a wrong type, and an unknown field, are named with their field', () => {
  const wrong = fields('connection.hots=db', 'connection.host=db', 'batch.valuesMax=many')
  expect(() => sinkOf(BASE, wrong)).toThrow(/connection\.hots is not a field here; did you mean host\?/)
  expect(() => sinkOf(BASE, wrong)).toThrow(/batch\.valuesMax: /)
})

test('a field cannot be a value and have fields of its own', () => {
  const both = fields('connection=db', 'connection.host=db')
  expect(() => sinkOf(BASE, both)).toThrow('--set connection.host: another --set gives a value to a part of this field')
})

test('a field needs a name, an equals sign and a value of YAML', () => {
  expect(() => parseField('connection.host')).toThrow('must look like connection.host=db.plant.example')
  expect(() => parseField('connection.password={ secret')).toThrow('is not a value of YAML')
  expect(parseField('connection.url=http://a.example/?b=c')).toEqual({
    path: ['connection', 'url'],
    value: 'http://a.example/?b=c',
  })
})
