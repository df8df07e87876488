# The shell function `json_field KEY` prints the text under a key of the JSON object on stdin, and of a list each item
# on its own line, as UTF-8. It prints nothing if the object does not have the key itself, or if the input is not an
# object. A NUL is left out, because no variable of a shell can hold one.

# In conditions: it only looks.
json_field() {
  LC_ALL=C json_key=$1 awk '
    { json = json $0 "\n" }
    END {
      while (match(json, /^[ \t\r\n]*("([^"\\]|\\.)*"|[][{}:,]|[^][{}:," \t\r\n]+)/)) {
        token = substr(json, 1, RLENGTH)
        json = substr(json, RLENGTH + 1)
        sub(/^[ \t\r\n]+/, "", token)
        if (depth == 0 && token != "{") exit
        if (token == "{" || token == "[") { depth++; if (depth == 2) list = (token == "[") }
        else if (token == "}" || token == "]") { depth--; if (found && depth == 1) exit }
        else if (token == ":" || token == ",") { if (found && depth == 1 && token == ",") exit }
        else if (depth == 1 && before != ":") found = (decoded(token) == ENVIRON["json_key"])
        else if (found && (depth == 1 || depth == 2 && list)) print decoded(token)
        before = token
      }
    }
    function decoded(token,  text, at, letter, code) {
      if (token !~ /^"/) return token
      token = substr(token, 2, length(token) - 2)
      while (at = index(token, "\\")) {
        letter = substr(token, at + 1, 1)
        text = text substr(token, 1, at - 1)
        token = substr(token, at + 2)
        if (letter == "u") {
          code = number(substr(token, 1, 4))
          token = substr(token, 5)
          if (code >= 55296 && code < 56320 && token ~ /^\\u[Dd][C-Fc-f]/) {
            code = 65536 + (code - 55296) * 1024 + number(substr(token, 3, 4)) - 56320
            token = substr(token, 7)
          } else if (code >= 55296 && code < 57344) code = 65533
          text = text encoded(code)
        } else if (index("bfnrt", letter)) text = text substr("\b\f\n\r\t", index("bfnrt", letter), 1)
        else text = text letter
      }
      return text token
    }
    function number(digits,  value, place) {
      digits = tolower(digits)
      for (place = 1; place <= length(digits); place++) value = value * 16 + index("0123456789abcdef", substr(digits, place, 1)) - 1
      return value
    }
    function encoded(code) {
      if (code == 0) return ""
      if (code < 128) return sprintf("%c", code)
      if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
      if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
      return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
    }
  '
}
