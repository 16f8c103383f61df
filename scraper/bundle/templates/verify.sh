#!/bin/sh
# Checks this folder without the program that made it, and without the network.
# It needs a POSIX shell, cat, sha256sum and openssl. Run: sh verify.sh
LC_ALL=C
export LC_ALL
case "$0" in */*) cd "${0%/*}" || exit 11 ;; esac

whole() { [ "$(sha256sum < verify.sh)" = "$(cat verify.sh.sha256)" ]; }

fail() {
    echo "FAILED: $1"
    exit 11
}

# The SHA-256 of what comes in, in hex.
digest() {
    set -- $(sha256sum)
    echo "$1"
}

# The bytes of a text in hex.
bytes() {
    left=$1
    escaped=
    while [ -n "$left" ]; do
        rest=${left#??}
        n=$((0x${left%"$rest"}))
        escaped="$escaped\\$((n / 64))$((n / 8 % 8))$((n % 8))"
        left=$rest
    done
    printf "$escaped"
}

# Fails unless the document holds this name with this value.
states() {
    case "$1" in
        *"\"$2\":\"$3\""*) ;;
        *) fail "$4" ;;
    esac
}

whole || fail "verify.sh is not the script that was made"
[ "$(digest < manifest.sha256)" = "@MANIFEST@" ] || fail "the list of files was altered"
sha256sum -c manifest.sha256 > /dev/null 2>&1 ||
    fail "a file was altered: sha256sum -c manifest.sha256 names it"
echo "every file is as it was made"

leaves=0
stamps=0
while read -r word one two; do
    case "$word" in
        leaf)
            document=$(cat "$one")
            hash=$({ printf '\000'; cat "$one"; } | digest)
            leaves=$((leaves + 1))
            ;;
        left) hash=$({ printf '\001'; bytes "$one"; bytes "$hash"; } | digest) ;;
        right) hash=$({ printf '\001'; bytes "$hash"; bytes "$one"; } | digest) ;;
        root) states "$(cat "$one")" root "$hash" "a row does not lead to the root of $one" ;;
        previous) states "$(cat "$one")" previous "$hash" "$one does not follow the seal before" ;;
        body) states "$document" body_hash "$(digest < "$one")" "$one is not what was sealed" ;;
        content)
            found=$(for part in html md txt; do cat "$one.$part"; printf '\000'; done | digest)
            states "$document" content_hash "$found" "$one is not what was sealed"
            ;;
        stamp)
            [ "$hash" = "$(cat "$one.txt")" ] || fail "the seal does not lead to the stamped root"
            openssl ts -verify -in "$one.tsr" -data "$one.txt" -CAfile "$one-root.pem" \
                -untrusted "$one-chain.pem" -attime "$two" > /dev/null 2>&1 ||
                fail "the stamp does not hold"
            stamps=$((stamps + 1))
            echo "the stamp holds:"
            openssl ts -reply -in "$one.tsr" -text 2> /dev/null | while read -r line; do
                case "$line" in "Time stamp:"*) echo "  $line" ;; esac
            done
            echo "  root certificate of the authority;" \
                "compare it with what the authority publishes:"
            openssl x509 -in "$one-root.pem" -noout -subject -fingerprint -sha256
            [ ! -f "$one.txt.ots" ] ||
                echo "  a proof for Bitcoin is not checked here: ots verify $one.txt.ots"
            ;;
        *) fail "proof.txt holds an unknown word" ;;
    esac
done < proof.txt
[ "$leaves" = "@LEAVES@" ] && [ "$stamps" = "@STAMPS@" ] || fail "the proof is not complete"
echo "every row leads to its seal, and every seal to the next"
[ "$stamps" = 0 ] && echo "no stamp: nobody but the maker states when the seals were made"
whole && echo "OK" && exit 0
exit 11
