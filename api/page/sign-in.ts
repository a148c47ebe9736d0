import { part, write } from './dom.ts';
import { Refusal, sayWhy } from './rest.ts';
import type { Session } from './session.ts';

/** The form to sign in with: e-mail and password, and the authenticator's code once it is asked for. */
export function runSignIn(session: Session): void {
  const form = part('sign-in', HTMLFormElement);
  const email = part('email', HTMLInputElement);
  const password = part('password', HTMLInputElement);
  const code = part('totp', HTMLInputElement);
  const codeRow = part('totp-row', HTMLElement);
  const said = part('sign-in-said', HTMLElement);

  async function signIn(): Promise<void> {
    write(said, 'Signing in…');
    try {
      const totp = code.value.trim();
      const credentials = { email: email.value.trim(), password: password.value };
      await session.signIn(totp === '' ? credentials : { ...credentials, totp });
      form.reset();
      codeRow.hidden = true;
      write(said, '');
    } catch (error) {
      write(said, sayWhy(error));
      if (!(error instanceof Refusal)) return;
      code.value = '';
      if (error.code === 'SECOND_FACTOR_REQUIRED') codeRow.hidden = false;
      (codeRow.hidden ? password : code).focus();
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void signIn();
  });
}
