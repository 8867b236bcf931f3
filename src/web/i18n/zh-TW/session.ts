import type { Areas, Translated } from '../areas.ts';

export const texts: Translated<Areas['session']> = {
  away: '伺服器沒有回應。',
  changePassword: '變更密碼',
  currentPassword: '目前的密碼',
  currentWrong: '這不是目前的密碼。',
  expired: '您的工作階段已結束。請登入以回到先前的畫面。',
  newPassword: '新密碼',
  newPasswordAgain: '再次輸入新密碼',
  notTheSame: '兩次輸入的新密碼不相同。',
  password: '密碼',
  passwordChanged: '密碼已變更，其他所有工作階段皆已結束。',
  passwordRule: '至少 {{count, number}} 個字元，且不可為安裝時的預設密碼。',
  signIn: '登入',
  signingIn: '登入中…',
  tagline: '是否連通、多慢、遺失多少、從何時開始。',
  throttled_one: '嘗試次數過多，請在 {{count, number}} 秒後再試。',
  throttled_other: '嘗試次數過多，請在 {{count, number}} 秒後再試。',
  tooWeak: '密碼至少需要 {{count, number}} 個字元，且不可為安裝時的預設密碼。',
  username: '使用者名稱',
  wrong: '使用者名稱或密碼錯誤。',
};
