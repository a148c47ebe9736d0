import test from 'ava';
import { deviceFingerprint, networkOf } from '../../../domain/identity/device.ts';

const lies = test.macro({
  title: (_, ip: string, want: string) => `networkOf: ${ip}, lies in ${want}`,
  exec: (t, ip: string, want: string) => {
    t.is(networkOf(ip), want);
  },
});

test(lies, '192.0.2.7', '192.0.2.0/24');
test(lies, '::ffff:192.0.2.200', '192.0.2.0/24');
test(lies, '2001:db8:1:2:3:4:5:6', '2001:db8:1::/48');
test(lies, '2001:0DB8:0001::9', '2001:db8:1::/48');
test(lies, '2001:db8::1', '2001:db8:0::/48');
test(lies, '::1', '0:0:0::/48');

test('deviceFingerprint: another program or another network, is another device', (t) => {
  const device = deviceFingerprint('browser', '192.0.2.7');
  t.is(deviceFingerprint('browser', '192.0.2.99'), device);
  t.not(deviceFingerprint('curl', '192.0.2.7'), device);
  t.not(deviceFingerprint('browser', '192.0.3.7'), device);
});
