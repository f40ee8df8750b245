import { expect, test } from 'vitest'
import { parseTarget, parseTunnel } from './target.ts'

test('a port alone is on the device, and the last number of a tunnel is local', () => {
  expect(parseTarget('8080')).toBe('127.0.0.1:8080')
  expect(parseTarget('192.168.7.5:80')).toBe('192.168.7.5:80')
  expect(() => parseTarget('plc:80')).toThrow('numeric')
  expect(parseTunnel('8080')).toEqual({ target: '127.0.0.1:8080', localPort: 8080 })
  expect(parseTunnel('8080:0')).toEqual({ target: '127.0.0.1:8080', localPort: 0 })
  expect(parseTunnel('192.168.7.5:80')).toEqual({ target: '192.168.7.5:80', localPort: 80 })
  expect(parseTunnel('192.168.7.5:80:9090')).toEqual({ target: '192.168.7.5:80', localPort: 9090 })
  expect(parseTunnel('[fd00::5]:502:1502')).toEqual({ target: '[fd00::5]:502', localPort: 1502 })
  expect(() => parseTunnel('http')).toThrow('PORT')
  expect(parseTarget('udp:5000')).toBe('udp:127.0.0.1:5000')
  expect(parseTarget('udp:192.168.7.5:44818')).toBe('udp:192.168.7.5:44818')
  expect(parseTunnel('udp:192.168.7.5:161:1161')).toEqual({ target: 'udp:192.168.7.5:161', localPort: 1161 })
  expect(() => parseTunnel('tcp:80')).toThrow('PORT')
})
